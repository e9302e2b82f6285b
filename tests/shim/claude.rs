//! The real Claude Code against the provider's mock, in an empty environment and a fresh home.

use super::house::{House, Serving, until};
use super::mock::{asked, mock};
use super::server::{Server, tool};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::fs;
use std::time::Duration;

/// What it answers to the question that takes long.
const LONG: &str = "Slowly it comes, word by word, and it takes its time until it is complete, this long \
                    answer to a long question.";

/// A house in which Claude Code is the runtime `claude`, and the mock that it asks; `None`, and a word
/// about it, where one of them is not installed.
pub(super) fn house() -> Option<(House, Server)> {
    let claude = tool("CALLBOARD_TEST_CLAUDE", "claude", "Claude Code 2.1.329")?;
    let mock = mock()?;
    let house = House::new()
        .with("CALLBOARD_RUNTIMES__CLAUDE__COMMAND", claude.display().to_string())
        .with("CALLBOARD_RUNTIMES__CLAUDE__API_RETRIES", "0")
        .with("ANTHROPIC_BASE_URL", mock.url(""))
        .with("ANTHROPIC_API_KEY", "sk-ant-nobody")
        .with("DISABLE_TELEMETRY", "1")
        .with("DISABLE_ERROR_REPORTING", "1")
        .with("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")
        .with("IS_SANDBOX", "1");
    Some((house, mock))
}

async fn ask(server: &Serving, prompt: &str) -> String {
    server.spawn_with(json!({ "prompt": prompt, "runtime": "claude" })).await
}

/// Asks, and gives the row of a process that is dead.
async fn refused(server: &Serving, prompt: &str) -> (String, Value) {
    let process = ask(server, prompt).await;
    let row = server.wait_for(&process, "DEAD").await;
    (row["error"].as_str().unwrap().to_owned(), row)
}

#[tokio::test]
async fn an_answer_comes_with_what_it_took_and_the_next_turn_goes_on_with_its_conversation() {
    let Some((house, mock)) = house() else { return };
    let server = house.serve().await;
    let turn = async |prompt: &str| {
        let body = json!({ "prompt": prompt, "runtime": "claude", "session_id": "talk" });
        let process = server.spawn_with(body).await;
        let row = server.wait_for(&process, "COMPLETED").await;
        assert!(row["metrics"]["duration_ms"].as_u64().unwrap() > 0, "{row}");
        let response = server.get(&format!("/processes/{process}/response")).await;
        (process, response)
    };
    let (process, first) = turn("a first-turn").await;
    assert_eq!(first["content"], "The first answer.", "{first}");
    assert!(first["model"].as_str().unwrap().starts_with("claude-"), "{first}");
    assert!(first["provider_session"].is_string(), "{first}");
    assert_eq!(house.exit(&process, 1)["child"], json!({ "code": 0 }));
    // Who follows it reads words, not lines of JSON.
    let output = server.get(&format!("/processes/{process}/output?offset=0")).await;
    assert_eq!(output["data"], "The first answer.", "{output}");
    assert!(house.file(&process, 1, "stdout").contains("\"type\":\"result\""));
    let (_, second) = turn("a second-turn").await;
    assert_eq!(second["content"], "The second answer.", "{second}");
    assert_ne!(second["provider_session"], first["provider_session"], "it is a copy");
    assert_eq!(remembered(&mock, "second-turn").await, ["first-turn", "The first answer."]);
    // Its own memory is lost: it is told what was said.
    fs::remove_dir_all(house.path().join(".claude/projects")).unwrap();
    let (_, third) = turn("a plain-question").await;
    assert_eq!(third["content"], "A plain answer.", "{third}");
    assert_eq!(asked(&mock, "The second answer.").await, 1);
    // It keeps conversations by folder: in another one it knows none of them.
    let elsewhere = house.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let body = json!({
        "prompt": "a fourth plain-question", "runtime": "claude", "session_id": "talk", "workdir": elsewhere,
    });
    let process = server.spawn_with(body).await;
    server.wait_for(&process, "COMPLETED").await;
    let cwd = format!("\"cwd\":\"{}\"", elsewhere.display());
    assert!(house.file(&process, 1, "stdout").contains(&cwd));
    assert_eq!(asked(&mock, "fourth plain-question").await, 1);
    server.terminate().await;
    house.is_empty().await;
}

/// Of these words, those that the last question which holds `word` had before its last message.
async fn remembered(mock: &Server, word: &str) -> Vec<&'static str> {
    let journal: Value =
        reqwest::get(mock.url("/__aimock/journal")).await.unwrap().json().await.unwrap();
    let entries = journal.as_array().or_else(|| journal["entries"].as_array()).unwrap();
    let entry =
        entries.iter().rev().find(|entry| entry["body"].to_string().contains(word)).unwrap();
    let messages = entry["body"]["messages"].as_array().unwrap();
    let before: String = messages[..messages.len() - 1].iter().map(Value::to_string).collect();
    ["first-turn", "The first answer."].into_iter().filter(|word| before.contains(word)).collect()
}

#[tokio::test]
async fn standing_instructions_are_sent_beside_its_own_and_others_begin_its_conversation_anew() {
    let Some((house, mock)) = house() else { return };
    let server = house.serve().await;
    let turn = async |prompt: &str, system: &str| {
        let body = json!({
            "prompt": prompt, "runtime": "claude", "session_id": "talk", "system": system,
        });
        let process = server.spawn_with(body).await;
        server.wait_for(&process, "COMPLETED").await;
        asked_under(&mock, prompt).await
    };
    let first = turn("a first-turn", "Speak like Hamlet.").await;
    assert!(first.contains("Speak like Hamlet."), "{first}");
    assert!(first.len() > 1000, "its own come first: {first}");
    let second = turn("a second-turn", "Speak like Hamlet.").await;
    assert!(second.contains("Speak like Hamlet."), "{second}");
    assert_eq!(remembered(&mock, "second-turn").await, ["first-turn", "The first answer."]);
    // It would go on with those that its conversation began with.
    let third = turn("a plain-question", "Speak like Falstaff.").await;
    assert!(third.contains("Falstaff") && !third.contains("Hamlet"), "{third}");
    assert_eq!(asked(&mock, "The second answer.").await, 1, "it is told what was said");
    server.terminate().await;
    house.is_empty().await;
}

/// The instructions of the last question that holds `word`.
async fn asked_under(mock: &Server, word: &str) -> String {
    let journal: Value =
        reqwest::get(mock.url("/__aimock/journal")).await.unwrap().json().await.unwrap();
    let entries = journal.as_array().or_else(|| journal["entries"].as_array()).unwrap();
    let bodies = entries.iter().rev().map(|entry| &entry["body"]);
    let body = bodies.into_iter().find(|body| body["messages"].to_string().contains(word));
    let body = body.unwrap();
    // The mock keeps what was sent to one API in the form of another.
    format!("{} {}", body["system"], body["messages"][0])
}

#[tokio::test]
async fn a_denied_tool_is_told_with_the_answer() {
    let Some((house, _mock)) = house() else { return };
    let server = house.serve().await;
    let process = ask(&server, "a denied-question").await;
    server.wait_for(&process, "COMPLETED").await;
    let response = server.get(&format!("/processes/{process}/response")).await;
    assert_eq!(response["content"], "I was not allowed to.", "{response}");
    assert_eq!(response["label"], "1 use of a tool was denied", "{response}");
    assert!(response["denials"][0].as_str().unwrap().contains("touch /never"), "{response}");
    server.terminate().await;
}

#[tokio::test]
async fn what_a_retry_can_mend_is_tried_again_and_nothing_else_is() {
    let Some((house, mock)) = house() else { return };
    let house = house.with("CALLBOARD_PROCESSES__MAX_RETRIES", "1");
    let server = house.serve().await;
    for (question, attempts, words) in [
        ("keyless-question", 1, "set ANTHROPIC_API_KEY or runtimes.claude.api_key"),
        ("rejected-question", 1, "no such thing"),
        ("limited-question", 2, "429"),
        ("overloaded-question", 2, "529"),
    ] {
        let (error, row) = refused(&server, question).await;
        assert_eq!(row["attempt"], attempts, "{question}: {row}");
        assert!(error.contains(words), "{question}: {error}");
        // Of a request that is rejected it tries variations of its own.
        if question != "rejected-question" {
            assert_eq!(asked(&mock, question).await, attempts, "{question}: by itself again");
        }
    }
    server.terminate().await;
}

#[tokio::test]
async fn a_stream_that_is_cut_is_asked_again_by_claude_itself() {
    let Some((house, mock)) = house() else { return };
    let server = house.serve().await;
    let process = ask(&server, "a cut-question").await;
    let row = server.wait_for(&process, "COMPLETED").await;
    assert_eq!(row["attempt"], 1, "{row}");
    let content = server.content(&process).await;
    assert_eq!(content, "This answer is long and will be cut in the middle of it all.");
    assert!(asked(&mock, "cut-question").await > 1);
    server.terminate().await;
}

#[tokio::test]
async fn the_limit_of_turns_ends_it_for_good() {
    let Some((house, _mock)) = house() else { return };
    let house = house
        .with("CALLBOARD_RUNTIMES__CLAUDE__MAX_TURNS", "2")
        .with("CALLBOARD_RUNTIMES__CLAUDE__ALLOWED_TOOLS", "[\"Bash\"]")
        .with("CALLBOARD_PROCESSES__MAX_RETRIES", "1");
    let server = house.serve().await;
    let (error, row) = refused(&server, "an endless-question").await;
    assert!(error.contains("maximum number of turns (2)"), "{row}");
    assert!(error.contains("runtimes.claude.max_turns"), "{row}");
    assert_eq!(row["attempt"], 1, "{row}");
    server.terminate().await;
}

#[tokio::test]
async fn without_a_key_or_without_the_program_it_is_said_what_to_do() {
    let Some((house, _mock)) = house() else { return };
    let house = house.with("ANTHROPIC_API_KEY", "");
    let server = house.serve().await;
    let (error, row) = refused(&server, "a plain-question").await;
    assert!(error.contains("Not logged in") && error.contains("set ANTHROPIC_API_KEY"), "{row}");
    assert_eq!(row["attempt"], 1);
    server.terminate().await;
    let house = house.with("CALLBOARD_RUNTIMES__CLAUDE__COMMAND", "claude-that-is-not-there");
    let server = house.serve().await;
    let (error, row) = refused(&server, "a plain-question").await;
    assert!(error.contains("npm install -g @anthropic-ai/claude-code"), "{row}");
    assert!(error.contains("runtimes.claude.command"), "{row}");
    server.terminate().await;
}

#[tokio::test]
async fn claude_that_is_ended_by_a_signal_is_tried_again() {
    let Some((house, mock)) = house() else { return };
    let house = house.with("CALLBOARD_PROCESSES__MAX_RETRIES", "2");
    let server = house.serve().await;
    let process = ask(&server, "a long-question").await;
    for (attempt, signal) in [(1, Signal::TERM), (2, Signal::KILL)] {
        until("a call", || async {
            (asked(&mock, "long-question").await == attempt).then_some(())
        })
        .await;
        let child: Value =
            serde_json::from_str(&house.file(&process, attempt as u64, "child")).unwrap();
        let pid = i32::try_from(child["pid"].as_i64().unwrap()).unwrap();
        kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
    }
    let row = server.wait_for(&process, "COMPLETED").await;
    assert_eq!((&row["attempt"], &row["lost_count"]), (&json!(3), &json!(0)), "{row}");
    assert_eq!(house.exit(&process, 1)["child"], json!({ "code": 143 }));
    assert_eq!(house.exit(&process, 2)["child"], json!({ "signal": 9 }));
    server.terminate().await;
}

#[tokio::test]
async fn a_long_run_of_claude_is_one_run_through_twenty_kills_of_the_server() {
    let Some((house, mock)) = house() else { return };
    let mut server = house.serve().await;
    let process = ask(&server, "a long-question").await;
    server.wait_for(&process, "RUNNING").await;
    let mut under_way = 0;
    for moment in 0..20 {
        tokio::time::sleep(Duration::from_millis(20 + 7 * moment)).await;
        server.kill();
        server = house.serve().await;
        under_way += u32::from(server.row(&process).await["status"] == "RUNNING");
    }
    eprintln!("kills of the server while claude ran: {under_way} of 20");
    let row = server.wait_for(&process, "COMPLETED").await;
    assert_eq!((&row["attempt"], &row["lost_count"]), (&json!(1), &json!(0)), "{row}");
    assert_eq!(asked(&mock, "long-question").await, 1);
    assert_eq!(server.content(&process).await, LONG);
    assert!(under_way >= 15, "most kills have to hit it: {under_way}");
    let exit = house.exit(&process, 1);
    let stdout = house.file(&process, 1, "stdout");
    assert_eq!(
        (&exit["child"], &exit["stdout"]["bytes"]),
        (&json!({ "code": 0 }), &json!(stdout.len()))
    );
    assert!(stdout.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{stdout}");
    server.terminate().await;
    house.is_empty().await;
}
