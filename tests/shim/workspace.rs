//! The real Claude Code, Codex and `OpenCode` in a workflow that has a folder: they work on a copy, held by the kernel, reach
//! their provider by the door, and what one did there with its own tools becomes a change of the workspace.

use super::house::{House, Serving, until};
use super::{claude, clis};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::fs;

fn definition(runtime: &str, prompt: &str) -> Value {
    let agent = json!({ "profile": "coder", "runtime": runtime, "prompt": prompt });
    json!({
        "name": "studio", "workspace": "work", "state": { "said": {} }, "start": "do",
        "nodes": { "do": { "agent": agent, "write": { "said": "output" } } },
    })
}

fn rules() -> String {
    json!({
        "version": 1, "deny": ["*.pem"], "default": { "can_read_files": true },
        "profiles": { "coder": { "can_write_files": true } },
    })
    .to_string()
}

#[tokio::test]
async fn what_claude_does_with_its_own_tools_is_a_change_and_it_gets_nowhere_else() {
    let Some((house, _mock)) = claude::house() else { return };
    let house = house.with("CALLBOARD_RUNTIMES__CLAUDE__ALLOWED_TOOLS", "[\"Bash\"]");
    let at = house.path();
    for folder in ["work", "beside"] {
        fs::create_dir(at.join(folder)).unwrap();
    }
    fs::write(at.join("work/there.txt"), "there\n").unwrap();
    fs::write(at.join("beside/canary"), "the canary sings").unwrap();
    fs::write(at.join("work/canary.txt"), at.join("beside/canary").display().to_string()).unwrap();
    fs::write(at.join("config/rules.yaml"), rules()).unwrap();
    let server = house.serve().await;
    let (path, row) = run(&server, definition("claude", "a written-question")).await;
    assert_eq!(
        (&row["status"], &row["state"]["said"]),
        (&json!("completed"), &json!("I wrote it.")),
        "{row}"
    );
    assert_eq!(fs::read_to_string(at.join("work/made.txt")).unwrap(), "made\n");
    assert_eq!(fs::read_to_string(at.join("work/there.txt")).unwrap(), "there\nand more\n");
    assert_eq!(
        fs::read_to_string(at.join("work/stolen.txt")).unwrap(),
        "",
        "it read what it may not"
    );
    assert!(!at.join("work/made.pem").exists());
    assert_eq!(fs::read_to_string(at.join("beside/canary")).unwrap(), "the canary sings");
    let changes = server.get(&format!("{path}/files")).await;
    assert_eq!(changes["items"].as_array().unwrap().len(), 1, "{changes}");
    server.terminate().await;
    house.is_empty().await;
}

/// Runs a workflow to its end: where it is found, and its row.
async fn run(server: &Serving, definition: Value) -> (String, Value) {
    let put = server.ask(Method::PUT, "/definitions/studio", Some(definition)).await;
    assert_eq!(put.0, StatusCode::OK, "{}", put.1);
    let (_, receipt) =
        server.ask(Method::POST, "/workflows", Some(json!({ "type": "studio" }))).await;
    let path = format!("/workflows/{}", receipt["workflow_id"].as_str().unwrap());
    let row = until("the workflow's end", || async {
        let row = server.get(&path).await;
        (row["status"] != "running").then_some(row)
    })
    .await;
    (path, row)
}

/// What a program answers in a workflow that has a folder; its home is as empty as that of any other.
async fn answer(house: &House, runtime: &str) -> Value {
    fs::create_dir(house.path().join("work")).unwrap();
    fs::write(house.path().join("config/rules.yaml"), rules()).unwrap();
    let server = house.serve().await;
    let (_, row) = run(&server, definition(runtime, "a plain-question")).await;
    server.terminate().await;
    house.is_empty().await;
    row
}

#[tokio::test]
async fn codex_reaches_its_provider_from_there_though_the_example_names_others() {
    let what = "Codex 0.169.0";
    let Some((house, mock)) = clis::house("codex", "CALLBOARD_TEST_CODEX", what) else { return };
    let provider = format!(
        "model_providers.mock={{name=\"mock\",base_url=\"{}\",env_key=\"OPENAI_API_KEY\",wire_api=\"responses\",\
         request_max_retries=0,stream_max_retries=0}}",
        mock.url("/v1")
    );
    let args = ["exec", "--json", "--skip-git-repo-check", "-c", "model_provider=mock"];
    let args = [args.as_slice(), &["-c", "model=gpt-5", "-c", &provider, "-"]].concat();
    let house = house
        .with("CALLBOARD_RUNTIMES__CODEX__ARGS", json!(args).to_string())
        .with("OPENAI_API_KEY", "nobody's");
    let row = answer(&house, "codex").await;
    assert_eq!(row["state"]["said"], "A plain answer.", "{row}");
}

#[tokio::test]
async fn opencode_reaches_its_provider_from_there_though_the_example_names_others() {
    let what = "OpenCode 1.18.33";
    let Some((house, mock)) = clis::house("opencode", "CALLBOARD_TEST_OPENCODE", what) else {
        return;
    };
    let options = json!({ "baseURL": mock.url("/v1"), "apiKey": "nobody's" });
    let config = json!({
        "autoupdate": false, "model": "anthropic/claude-sonnet-4-5",
        "provider": { "anthropic": { "options": options } },
    });
    let house = house.with("OPENCODE_CONFIG_CONTENT", config.to_string());
    let row = answer(&house, "opencode").await;
    assert_eq!(row["state"]["said"], "A plain answer.", "{row}");
}
