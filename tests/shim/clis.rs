//! The real `Codex` and `OpenCode` against the provider's mock, called as `config/callboard.toml` shows it: the
//! examples that stand there are what runs here.

use super::house::{House, Serving};
use super::mock::mock;
use super::server::{Server, tool};
use serde_json::{Value, json};
use std::fs;

/// The settings file that ships.
const SHIPPED: &str = include_str!("../../config/callboard.toml");

/// A runtime that stands there as an example, without the signs that make it a comment.
fn example(name: &str) -> String {
    let head = format!("# [runtimes.{name}]");
    let lines = SHIPPED.lines().skip_while(|line| **line != head);
    let lines = lines.take_while(|line| line.len() > 1 && line.starts_with('#'));
    let text: Vec<&str> = lines.map(|line| line.trim_start_matches(['#', ' '])).collect();
    assert!(text.len() > 5, "there is no example of {name}");
    format!("[http]\nlisten = \"127.0.0.1:0\"\n{}\n", text.join("\n"))
}

/// A house with the example's runtime, and the mock that it asks; `None`, and a word about it, where one is
/// not installed.
pub(super) fn house(name: &str, variable: &str, what: &str) -> Option<(House, Server)> {
    let program = tool(variable, name, what)?;
    let mock = mock()?;
    let command = format!("CALLBOARD_RUNTIMES__{}__COMMAND", name.to_uppercase());
    let house = House::new()
        .with(&command, program.display().to_string())
        .with("CALLBOARD_PROCESSES__RETRY_FIRST_MS", "20")
        .with("CALLBOARD_PROCESSES__MAX_RETRIES", "1");
    fs::write(house.path().join("config/callboard.toml"), example(name)).unwrap();
    Some((house, mock))
}

fn codex() -> Option<(House, Server)> {
    let (house, mock) = house("codex", "CALLBOARD_TEST_CODEX", "Codex 0.169.0")?;
    let settings = format!(
        "model = \"gpt-5\"\nmodel_provider = \"mock\"\n[model_providers.mock]\nname = \"mock\"\n\
         base_url = \"{}\"\nenv_key = \"OPENAI_API_KEY\"\nwire_api = \"responses\"\n\
         request_max_retries = 0\nstream_max_retries = 0\n",
        mock.url("/v1")
    );
    fs::create_dir(house.path().join(".codex")).unwrap();
    fs::write(house.path().join(".codex/config.toml"), settings).unwrap();
    Some((house.with("OPENAI_API_KEY", "nobody's"), mock))
}

fn opencode() -> Option<(House, Server)> {
    let (house, mock) = house("opencode", "CALLBOARD_TEST_OPENCODE", "OpenCode 1.18.33")?;
    let settings = json!({
        "autoupdate": false,
        "model": "anthropic/claude-sonnet-4-5",
        "provider": { "anthropic": { "options": { "baseURL": mock.url("/v1"), "apiKey": "nobody's" } } },
    });
    let folder = house.path().join(".config/opencode");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("opencode.json"), settings.to_string()).unwrap();
    // It takes its time, so what it complains of is heard once.
    Some((house.with("CALLBOARD_PROCESSES__MAX_RETRIES", "0"), mock))
}

/// All that the mock was asked, the newest last.
async fn asked(mock: &Server) -> Vec<String> {
    let journal: Value =
        reqwest::get(mock.url("/__aimock/journal")).await.unwrap().json().await.unwrap();
    let entries = journal.as_array().or_else(|| journal["entries"].as_array()).unwrap();
    entries.iter().map(|entry| entry["body"].to_string()).collect()
}

async fn order(server: &Serving, runtime: &str, prompt: &str, session: Option<&str>) -> String {
    let system = "Answer in blank verse.";
    let body = json!({
        "prompt": prompt, "runtime": runtime, "session_id": session, "system": system,
    });
    server.spawn_with(body).await
}

/// Two turns of a conversation, which the program keeps; what they took; and what was to be obeyed.
async fn a_conversation(house: &House, mock: &Server, runtime: &str) {
    let server = house.serve().await;
    let turn = async |prompt: &str| {
        let process = order(&server, runtime, prompt, Some("talk")).await;
        let row = server.wait_for(&process, "COMPLETED").await;
        (server.get(&format!("/processes/{process}/response")).await, row)
    };
    let (first, row) = turn("a counted-question").await;
    assert_eq!(first["content"], "A counted answer.", "{first}");
    let tokens = (&row["metrics"]["tokens_in"], &row["metrics"]["tokens_out"]);
    assert_eq!(tokens, (&json!(24), &json!(7)), "{row}");
    assert!(first["provider_session"].is_string(), "{first}");
    let (second, _) = turn("a second-turn").await;
    assert_eq!(second["content"], "The second answer.", "{second}");
    assert_eq!(second["provider_session"], first["provider_session"]);
    let all = asked(mock).await;
    let last = all.iter().rfind(|body| body.contains("second-turn")).unwrap();
    for word in ["counted-question", "A counted answer.", "Answer in blank verse."] {
        assert!(last.contains(word), "{word} was forgotten: {last}");
    }
    assert!(!last.contains("what was said so far"), "it remembers by itself: {last}");
    server.terminate().await;
    house.is_empty().await;
}

#[tokio::test]
async fn codex_answers_and_goes_on_with_its_conversation() {
    let Some((house, mock)) = codex() else { return };
    a_conversation(&house, &mock, "codex").await;
}

#[tokio::test]
async fn opencode_answers_and_goes_on_with_its_conversation() {
    let Some((house, mock)) = opencode() else { return };
    a_conversation(&house, &mock, "opencode").await;
}

#[tokio::test]
async fn a_key_that_codex_may_not_use_is_told_and_not_tried_again() {
    let Some((house, _mock)) = codex() else { return };
    let server = house.serve().await;
    let process = order(&server, "codex", "a keyless-question", None).await;
    let row = server.wait_for(&process, "DEAD").await;
    assert!(row["error"].as_str().unwrap().contains("401"), "{row}");
    assert_eq!(row["attempt"], 1, "{row}");
    server.terminate().await;
}

#[tokio::test]
async fn what_opencode_complains_of_is_told() {
    let Some((house, _mock)) = opencode() else { return };
    let server = house.serve().await;
    let process = order(&server, "opencode", "a rejected-question", None).await;
    let row = server.wait_for(&process, "DEAD").await;
    assert!(row["error"].as_str().unwrap().contains("no such thing"), "{row}");
    server.terminate().await;
}
