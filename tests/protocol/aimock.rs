//! The Messages API as aimock plays it, one call at a time.

use std::process::Command;
use std::time::{Duration, Instant};

use callboard::world::models::{Failure, FailureKind, Model as _, Usage};
use serde_json::json;

use crate::caller::{READ_TIMEOUT, anthropic, once, told, with_a_tool, without_request};
use crate::server::{Server, tool};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/protocol/fixtures/aimock.json");

fn aimock() -> Option<Server> {
    let cli = tool("CALLBOARD_TEST_AIMOCK", "aimock", "aimock 1.43.0")?;
    Some(Server::start(|port| {
        let mut command = Command::new("node");
        command.arg(cli).args(["-p", &port.to_string(), "-f", FIXTURES, "--strict"]);
        command
    }))
}

/// The failure of asking `prompt` once, and the text that streamed before it.
async fn refused(server: &Server, prompt: &str) -> (Failure, String) {
    let (result, output) = once(&anthropic(server.url("")), prompt).await;
    (result.unwrap_err(), output)
}

#[tokio::test]
async fn an_answer_streams_and_is_counted() {
    let Some(server) = aimock() else { return };
    let (answer, output) = once(&anthropic(server.url("/")), "plain-question").await;
    let answer = answer.unwrap();
    assert_eq!(answer.text, "It streams in pieces, and the pieces make the answer: äöü 😀.");
    assert_eq!(output, answer.text);
    assert_eq!(answer.usage, Usage::new(21, 17));
    assert_eq!((answer.model.as_str(), answer.label), ("claude-opus-5-5", None));
    assert_eq!(answer.stop_reason.as_deref(), Some("end_turn"));
    assert!(answer.cost_usd.unwrap() > 0.0);
}

#[tokio::test]
async fn thinking_and_tool_calls_are_no_part_of_the_text() {
    let Some(server) = aimock() else { return };
    let model = anthropic(server.url(""));
    let (answer, output) = once(&model, "thoughtful-question").await;
    assert_eq!(
        (answer.unwrap().text.as_str(), output.as_str()),
        ("Only this is for you.", "Only this is for you.")
    );
    let answer = once(&model, "tool-question").await.0.unwrap();
    assert_eq!(
        (answer.text.as_str(), answer.stop_reason.as_deref()),
        ("Let me look.", Some("tool_use"))
    );
    let call = &answer.calls[0];
    assert_eq!((call.name.as_str(), &call.arguments), ("look", &json!({ "at": "it" })));
}

#[tokio::test]
async fn a_model_that_calls_a_tool_is_told_what_it_came_to_and_goes_on() {
    let Some(server) = aimock() else { return };
    let model = anthropic(server.url(""));
    let first = with_a_tool("loop-question");
    let answer = model.call(first.clone(), &mut String::new()).await.unwrap();
    assert_eq!((answer.text.as_str(), answer.calls.len()), ("", 2));
    let second = told(first, answer.calls);
    let answer = model.call(second, &mut String::new()).await.unwrap();
    assert_eq!((answer.text.as_str(), answer.calls.len()), ("I have seen both.", 0));
}

#[tokio::test]
async fn errors_come_back_with_their_kinds_and_words() {
    let Some(server) = aimock() else { return };
    let expected = [
        (
            "overloaded-question",
            FailureKind::Overloaded,
            "anthropic answered 529 (overloaded_error: Overloaded)",
        ),
        (
            "broken-question",
            FailureKind::ServerError,
            "anthropic answered 500 (api_error: Internal server error)",
        ),
        (
            "impossible-question",
            FailureKind::Rejected,
            "anthropic answered 400 (invalid_request_error: max_tokens: too many)",
        ),
    ];
    for (prompt, kind, message) in expected {
        let (failure, output) = refused(&server, prompt).await;
        let said = without_request(&failure.message);
        assert_eq!((failure.kind, said.as_str()), (kind, message));
        assert_eq!((failure.retry_after, output.as_str()), (None, ""));
    }
}

#[tokio::test]
async fn a_refused_key_is_told_without_showing_it() {
    let Some(server) = aimock() else { return };
    let (failure, _) = refused(&server, "keyless-question").await;
    assert_eq!(failure.kind, FailureKind::Unauthorized);
    assert_eq!(
        without_request(&failure.message),
        "anthropic answered 401 (authentication_error: invalid x-api-key [secret]); \
         to use another key, set ANTHROPIC_API_KEY or runtimes.anthropic.api_key"
    );
}

#[tokio::test]
async fn the_wish_to_be_left_alone_is_passed_on() {
    let Some(server) = aimock() else { return };
    let (failure, _) = refused(&server, "limited-question").await;
    assert_eq!(failure.kind, FailureKind::RateLimited);
    assert_eq!(failure.retry_after, Some(Duration::from_secs(7)));
}

#[tokio::test]
async fn a_stream_cut_in_the_middle_is_no_answer() {
    let Some(server) = aimock() else { return };
    let (failure, output) = refused(&server, "cut-question").await;
    assert_eq!(failure.kind, FailureKind::Cut, "{failure}");
    assert!(
        "This answer is a long one, and it will be cut".starts_with(&output) && !output.is_empty(),
        "{output}"
    );
}

#[tokio::test]
async fn a_silent_server_is_left_after_the_read_timeout() {
    let Some(server) = aimock() else { return };
    let started = Instant::now();
    let model = anthropic(server.url(""));
    let failure = once(&model, "stalled-question").await.0.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Stalled, "{failure}");
    assert!(started.elapsed() >= READ_TIMEOUT);
}

#[tokio::test]
async fn a_dropped_call_leaves_the_client_usable() {
    let Some(server) = aimock() else { return };
    let model = anthropic(server.url(""));
    let dropped =
        tokio::time::timeout(Duration::from_millis(50), once(&model, "stalled-question")).await;
    assert!(dropped.is_err());
    assert!(once(&model, "plain-question").await.0.is_ok());
}
