//! Providers beside Anthropic, from outside: adopted by the next server, given tools and a form, followed by one another.

use super::api::no_file_holds;
use super::house::{House, Serving, until};
use super::mock::mock;
use super::server::Server;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::process::Command;

const KEY: &str = "sk-proj-a-key-nobody-may-see";

/// A house whose runtimes of all kinds ask the mock.
fn house(mock: &Server) -> House {
    House::new()
        .with("ANTHROPIC_API_KEY", KEY)
        .with("OPENAI_API_KEY", KEY)
        .with("PERPLEXITY_API_KEY", KEY)
        .with("CALLBOARD_RUNTIMES__ANTHROPIC__BASE_URL", mock.url(""))
        .with("CALLBOARD_RUNTIMES__OPENAI__BASE_URL", mock.url("/v1"))
        .with("CALLBOARD_RUNTIMES__PERPLEXITY__BASE_URL", mock.url("/v1"))
        .with("CALLBOARD_RUNTIMES__LOCAL__KIND", "openai_compatible")
        .with("CALLBOARD_RUNTIMES__LOCAL__BASE_URL", mock.url("/v1"))
        .with("CALLBOARD_RUNTIMES__LOCAL__DEFAULT_MODEL", "qwen3")
}

#[tokio::test]
async fn an_answer_of_any_of_them_is_finished_though_the_server_is_killed() {
    let Some(mock) = mock() else { return };
    let house = house(&mock);
    for (runtime, model, usd) in [
        ("openai", "gpt-6-sol", Some(0.003)),
        ("local", "qwen3", None),
        ("perplexity", "sonar", None),
    ] {
        let server = house.serve().await;
        let body = json!({ "prompt": "a responsive-question", "runtime": runtime });
        let process = server.spawn_with(body).await;
        until("the first words", || async {
            (house.file(&process, 1, "stdout").len() > 8).then_some(())
        })
        .await;
        server.kill();
        let server = house.serve().await;
        let row = server.wait_for(&process, "COMPLETED").await;
        assert_eq!((&row["attempt"], &row["model"]), (&json!(1), &json!(model)), "{row}");
        assert_eq!(row["metrics"]["cost_usd"].as_f64(), usd, "{row}");
        assert!(server.content(&process).await.starts_with("Slowly it comes"));
        server.terminate().await;
    }
    no_file_holds(&house.home(), KEY);
    house.is_empty().await;
}

const WATCHFUL: &str = r"
name: watchful
start: look
state: { verdict: { reducer: replace } }
nodes:
  look:
    agent:
      prompt: A watchful-question.
      runtime: openai
      tools: [current_time]
      output:
        type: object
        required: [is_late]
        properties: { is_late: { type: boolean }, note: { type: string } }
        additionalProperties: false
    write: { verdict: output }
edges: [{ from: look, to: end }]
";

#[tokio::test]
async fn an_agent_of_a_workflow_calls_tools_and_answers_in_a_form() {
    let Some(mock) = mock() else { return };
    for api in ["responses", "chat"] {
        let house = house(&mock).with("CALLBOARD_RUNTIMES__OPENAI__API", api);
        std::fs::create_dir(house.path().join("config/workflows")).unwrap();
        std::fs::write(house.path().join("config/workflows/watchful.yaml"), WATCHFUL).unwrap();
        let server = house.serve().await;
        let start = Some(json!({ "type": "watchful", "params": {} }));
        let (status, started) = server.ask(Method::POST, "/workflows", start).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{started}");
        let id = started["workflow_id"].as_str().unwrap().to_owned();
        let shown = ended(&server, &id).await;
        assert_eq!(shown["status"], "completed", "{api}: {shown}");
        assert_eq!(shown["state"]["verdict"], json!({ "is_late": true }), "{api}: {shown}");
        let processes = server.get(&format!("/processes?workflow_id={id}")).await;
        let costs = processes["items"].as_array().unwrap().iter();
        let costs: f64 = costs.filter_map(|row| row["metrics"]["cost_usd"].as_f64()).sum();
        assert!((costs - 0.003).abs() < 1e-9, "{api}: {processes}");
        server.terminate().await;
    }
}

async fn ended(server: &Serving, id: &str) -> Value {
    until("the workflow's end", || async {
        let shown = server.get(&format!("/workflows/{id}")).await;
        matches!(shown["status"].as_str(), Some("completed" | "failed")).then_some(shown)
    })
    .await
}

fn orphaned(question: &str) -> Value {
    json!({
        "prompt": format!("an {question}-question"), "runtime": "openai", "model": "gpt-5",
        "max_retries": 1,
        "fallbacks": [{ "runtime": "perplexity" }, { "runtime": "anthropic", "model": "opus" }],
    })
}

#[tokio::test]
async fn who_cannot_answer_is_followed_by_the_next_and_all_of_it_can_be_told() {
    let Some(mock) = mock() else { return };
    let house = house(&mock);
    let server = house.serve().await;
    let process = server.spawn_with(orphaned("orphaned")).await;
    let row = server.wait_for(&process, "COMPLETED").await;
    // Two attempts at the first, one that no retry mends at the second, and the answer.
    assert_eq!((&row["attempt"], &row["runtime"]), (&json!(4), &json!("anthropic")), "{row}");
    assert_eq!(row["model"], "opus", "{row}");
    assert_eq!(row["metrics"]["cost_usd"].as_f64(), Some(0.006), "{row}");
    assert_eq!(server.content(&process).await, "The second one answers.");
    let mut why = house.command(std::path::Path::new(env!("CARGO_BIN_EXE_callboard")));
    let why = why.args(["why", &process]).output().unwrap();
    let why = String::from_utf8_lossy(&why.stdout).into_owned();
    for words in [
        "else perplexity/sonar, else anthropic/opus",
        "perplexity/sonar is asked in place",
        "anthropic/opus is asked in place",
    ] {
        assert!(why.contains(words), "{words} is missing in\n{why}");
    }
    let mut show = house.command(std::path::Path::new(env!("CARGO_BIN_EXE_callboard")));
    let show = show.args(["show", &process]).output().unwrap();
    let show = String::from_utf8_lossy(&show.stdout).into_owned();
    assert_eq!(show.matches("SPAWN_FELL_BACK").count(), 2, "{show}");
    let faulty = server.spawn_with(orphaned("faulty")).await;
    let row = server.wait_for(&faulty, "DEAD").await;
    assert_eq!((&row["attempt"], &row["runtime"]), (&json!(1), &json!("openai")), "{row}");
    server.terminate().await;
}

/// A provider that searches: no mock streams what it has found.
fn searcher() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let found = json!({
        "model": "sonar", "citations": ["https://example.com/stars"],
        "search_results": [{ "title": "Stars", "url": "https://example.com/stars", "date": "2026-01-02" }],
        "usage": { "prompt_tokens": 9, "completion_tokens": 5, "cost": { "total_cost": 0.0061 } },
        "choices": [{ "index": 0, "delta": { "content": "Very many [1]." }, "finish_reason": "stop" }],
    });
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 8 << 10];
        let _ = stream.read(&mut request).unwrap();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close";
        write!(stream, "{head}\r\n\r\ndata: {found}\n\n").unwrap();
    });
    address
}

#[tokio::test]
async fn what_an_answer_goes_by_is_kept_with_it() {
    let house = House::new()
        .with("PERPLEXITY_API_KEY", KEY)
        .with("CALLBOARD_RUNTIMES__PERPLEXITY__BASE_URL", format!("http://{}", searcher()));
    let server = house.serve().await;
    let body = json!({ "prompt": "How many stars are there?", "runtime": "perplexity" });
    let process = server.spawn_with(body).await;
    let row = server.wait_for(&process, "COMPLETED").await;
    assert_eq!(row["metrics"]["cost_usd"].as_f64(), Some(0.0061), "{row}");
    let response = server.get(&format!("/processes/{process}/response")).await;
    let source =
        json!({ "url": "https://example.com/stars", "title": "Stars", "date": "2026-01-02" });
    assert_eq!(response["sources"], json!([source]), "{response}");
    let mut show: Command = house.command(std::path::Path::new(env!("CARGO_BIN_EXE_callboard")));
    let show = show.args(["show", &process]).output().unwrap();
    let show = String::from_utf8_lossy(&show.stdout).into_owned();
    assert!(show.contains("[1] Stars (2026-01-02): https://example.com/stars"), "{show}");
    server.terminate().await;
}
