//! The coding team as it ships, asked of each provider: with its base URL at a mock that nobody here wrote, it has to call
//! tools, write files, mend a fault that its review finds, and end. Nothing of the definition is changed for anybody.

mod house;
mod script;

use house::{House, mock};
use script::{FOUND, TURNS};
use serde_json::{Value, json};

use crate::pages::http;
use crate::server::{Server, tool};

/// A runtime, and where it asks at the mock.
struct Provider {
    runtime: &'static str,
    variables: &'static [(&'static str, &'static str)],
    path: &'static str,
}

const PROVIDERS: [Provider; 4] = [
    Provider { runtime: "anthropic", variables: &[], path: "/v1/messages" },
    Provider { runtime: "openai", variables: &[], path: "/v1/responses" },
    Provider {
        runtime: "openai",
        variables: &[("CALLBOARD_RUNTIMES__OPENAI__API", "chat")],
        path: "/v1/chat/completions",
    },
    Provider { runtime: "local", variables: &[], path: "/v1/chat/completions" },
];

#[tokio::test]
async fn the_team_works_with_any_provider() {
    for Provider { runtime, variables, path } in PROVIDERS {
        let Some(mock) = mock() else { return };
        let house = House::new(&mock).with(variables);
        let ended = house.run(&["--runtime", runtime]).await;
        assert_eq!(ended["status"], "completed", "{runtime} {path}: {ended}");
        let result = &ended["output"]["final_result"];
        is_whole(result, &house);
        assert_eq!(result["sources"][0]["title"], "PEP 8", "{result}");
        let asked = asked(&mock).await;
        let of_team = |entry: &&Value| entry["path"] == path && entry["body"]["model"] != "sonar";
        let turns: Vec<_> = asked.iter().filter(of_team).collect();
        assert_eq!(turns.len(), TURNS, "{runtime} {path}: asked once for each turn");
        assert!(asked.iter().all(|entry| entry["response"]["status"] == 200), "{asked:?}");
        let told = turns.iter().any(|entry| entry["body"].to_string().contains(FOUND));
        assert!(told, "{runtime} {path}: what the search found was told to the model");
        let searches = asked.iter().filter(|entry| entry["body"]["model"] == "sonar");
        assert_eq!(searches.count(), 1, "{runtime} {path}");
    }
}

/// What is there in the end, and what the team says of it.
fn is_whole(result: &Value, house: &House) {
    assert_eq!((&result["accepted"], &result["errors"]), (&json!(true), &json!([])), "{result}");
    assert_eq!(result["fixes"].as_array().map(Vec::len), Some(1), "{result}");
    let greeting = house.made("greet.py");
    assert!(greeting.contains("\"Hello, \" + name + \"!\""), "{greeting}");
    assert!(house.made("test_greet.py").contains("def test_greets"));
    assert!(house.made("docs/design.md").contains("```mermaid\nflowchart"));
    assert!(house.made("docs/adr/0001-one-module.md").contains("One module"));
    assert!(house.made("docs/API.md").contains("greet"));
    assert!(house.made("docs/review.md").starts_with("# Review, round 2\n\n**Accepted**"));
}

/// All that the mock was asked.
async fn asked(mock: &Server) -> Vec<Value> {
    let url = mock.url("/__aimock/journal?limit=1000");
    let text = http().get(url).send().await.unwrap().text().await.unwrap();
    let all: Value = serde_json::from_str(&text).unwrap();
    all.as_array().or_else(|| all["entries"].as_array()).unwrap().clone()
}

#[tokio::test]
async fn its_search_may_be_made_at_perplexity_as_another_mock_plays_it() {
    let Some(mock) = mock() else { return };
    let Some(llmock) = tool("CALLBOARD_TEST_LLMOCK", "llmock", "llmock 0.2.2") else { return };
    let sonar = Server::start(|port| {
        let mut command = std::process::Command::new(llmock);
        command.args(["serve", "--host", "127.0.0.1", "--port", &port.to_string()]);
        command
    });
    let at = sonar.url("/perplexity/v1");
    let house =
        House::new(&mock).with(&[("CALLBOARD_RUNTIMES__PERPLEXITY__BASE_URL", at.as_str())]);
    let ended = house.run(&["--runtime", "anthropic"]).await;
    is_whole(&ended["output"]["final_result"], &house);
    let asked = asked(&mock).await;
    assert!(asked.iter().all(|entry| entry["body"]["model"] != "sonar"), "it was asked elsewhere");
    let messages = asked.iter().filter_map(|entry| entry["body"]["messages"].as_array()).flatten();
    let results = messages.filter(|message| message["role"] == "tool");
    let results: Vec<_> = results.map(Value::to_string).collect();
    let told = results.iter().any(|result| result.contains("Simulated answer from sonar"));
    assert!(told, "the model is not told what the other mock said: {results:#?}");
}

#[tokio::test]
async fn without_an_agent_who_can_call_tools_its_research_fails_and_the_others_go_on() {
    let Some(mock) = mock() else { return };
    let house = House::new(&mock).with(&[("CALLBOARD_PROCESSES__DEFAULT_RUNTIME", "openai")]);
    house.researching_at("perplexity");
    let ended = house.run(&[]).await;
    assert_eq!(ended["status"], "completed", "{ended}");
    let result = &ended["output"]["final_result"];
    assert_eq!(result["accepted"], true, "{result}");
    let errors = &result["errors"];
    assert_eq!(errors[0]["agent"], "research", "{errors}");
    let error = errors[0]["error"].as_str().unwrap();
    assert!(error.contains("perplexity's models call no tools: choose another runtime"), "{error}");
}
