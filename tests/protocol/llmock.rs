//! Our clients and a caller that heeds their failures, judged by llmock.

use std::time::{Duration, Instant};

use callboard::world::models::{Api, FailureKind, Provider};
use serde_json::json;

use crate::caller::{READ_TIMEOUT, anthropic, openai, patiently};
use crate::judge::Judge;

fn claude() -> Option<Judge> {
    Judge::start(|address| Box::new(anthropic(format!("{address}/anthropic"))))
}

/// All that speak like `OpenAI`, each with a judge of its own.
fn others() -> Vec<(&'static str, Judge)> {
    let clients = [
        ("chat", Provider::Openai, Api::Chat, "/v1"),
        ("responses", Provider::Openai, Api::Responses, "/v1"),
        ("compatible", Provider::Compatible, Api::Chat, "/v1"),
        ("perplexity", Provider::Perplexity, Api::Chat, "/perplexity/v1"),
    ];
    let started = clients.into_iter().map(|(name, provider, api, path)| {
        let client = |address| -> Box<dyn callboard::world::models::Model> {
            Box::new(openai(provider, api, format!("{address}{path}")))
        };
        Some((name, Judge::start(client)?))
    });
    started.collect::<Option<_>>().unwrap_or_default()
}

#[tokio::test]
async fn retries_wait_as_long_as_they_are_asked_to() {
    let Some(judge) = claude() else { return };
    judge.script(json!([{ "type": "fail", "status": 429, "retry_after": 0.7, "times": 2 }])).await;
    let started = Instant::now();
    let (answer, met) = patiently(&judge.model, "limited").await;
    assert!(answer.is_ok() && started.elapsed() >= Duration::from_millis(1400));
    assert_eq!(met, [FailureKind::RateLimited; 2]);
    assert_eq!((judge.findings().await, judge.attempts().await), (vec![], 3));
}

#[tokio::test]
async fn failures_that_pass_are_retried_until_there_is_an_answer() {
    let Some(judge) = claude() else { return };
    for (status, kind) in [
        (500, FailureKind::ServerError),
        (503, FailureKind::Overloaded),
        (529, FailureKind::Overloaded),
    ] {
        judge.script(json!([{ "type": "fail", "status": status, "retry_after": 0.3 }])).await;
        let (answer, met) = patiently(&judge.model, &format!("passing {status}")).await;
        assert!(answer.is_ok());
        assert_eq!(met, [kind], "{status}");
    }
    assert_eq!(judge.findings().await, Vec::<String>::new());
}

#[tokio::test]
async fn failures_that_stay_are_met_once() {
    let Some(judge) = claude() else { return };
    for (status, kind) in [
        (400, FailureKind::Rejected),
        (401, FailureKind::Unauthorized),
        (403, FailureKind::Unauthorized),
        (404, FailureKind::Unable),
    ] {
        judge.script(json!([{ "type": "fail", "status": status }])).await;
        let (answer, met) = patiently(&judge.model, &format!("staying {status}")).await;
        assert!(answer.is_err());
        assert_eq!(met, [kind], "{status}");
    }
    assert_eq!((judge.findings().await, judge.attempts().await), (vec![], 4));
}

#[tokio::test]
async fn broken_streams_are_never_answers() {
    let Some(judge) = claude() else { return };
    for (fault, kind) in [
        ("truncate", FailureKind::Cut),
        ("disconnect", FailureKind::Cut),
        ("malformed", FailureKind::Malformed),
    ] {
        judge.script(json!([{ "type": "stream_fault", "kind": fault, "after_chunks": 5 }])).await;
        let (answer, met) = patiently(&judge.model, fault).await;
        assert!(answer.is_ok());
        assert_eq!(met, [kind], "{fault}");
    }
    assert_eq!(judge.findings().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_stalled_stream_is_left_and_asked_again() {
    let Some(judge) = claude() else { return };
    let stall =
        json!({ "type": "stream_fault", "kind": "stall", "after_chunks": 4, "stall_seconds": 30 });
    judge.script(json!([stall])).await;
    let started = Instant::now();
    let (answer, met) = patiently(&judge.model, "stalled").await;
    assert!(answer.is_ok());
    assert_eq!(met, [FailureKind::Stalled]);
    assert!(started.elapsed() >= READ_TIMEOUT && started.elapsed() < Duration::from_secs(20));
    assert_eq!(judge.findings().await, Vec::<String>::new());
}

#[tokio::test]
async fn an_outage_is_borne_for_three_attempts_with_growing_waits() {
    let Some(judge) = claude() else { return };
    let outage =
        json!({ "type": "stream_fault", "kind": "disconnect", "after_chunks": 2, "times": null });
    judge.script(json!([outage])).await;
    let (answer, met) = patiently(&judge.model, "outage").await;
    assert!(answer.is_err());
    assert_eq!(met, [FailureKind::Cut; 3]);
    assert_eq!((judge.findings().await, judge.attempts().await), (vec![], 3));
}

#[tokio::test]
async fn others_wait_as_long_as_they_are_asked_to() {
    for (name, judge) in others() {
        let limited = json!({ "type": "fail", "status": 429, "retry_after": 0.7, "times": 2 });
        judge.script(json!([limited])).await;
        let started = Instant::now();
        let (answer, met) = patiently(&judge.model, "limited").await;
        assert!(answer.is_ok() && started.elapsed() >= Duration::from_millis(1400), "{name}");
        assert_eq!(met, [FailureKind::RateLimited; 2], "{name}");
        assert_eq!((judge.findings().await, judge.attempts().await), (vec![], 3), "{name}");
    }
}

#[tokio::test]
async fn others_ask_again_where_that_helps_and_never_where_it_does_not() {
    for (name, judge) in others() {
        for (status, kind) in [(500, FailureKind::ServerError), (503, FailureKind::Overloaded)] {
            judge.script(json!([{ "type": "fail", "status": status, "retry_after": 0.3 }])).await;
            let (answer, met) = patiently(&judge.model, &format!("passing {status}")).await;
            assert!(answer.is_ok(), "{name} {status}");
            assert_eq!(met, [kind], "{name} {status}");
        }
        for (status, kind) in [
            (400, FailureKind::Rejected),
            (401, FailureKind::Unauthorized),
            (403, FailureKind::Unauthorized),
            (404, FailureKind::Unable),
        ] {
            judge.script(json!([{ "type": "fail", "status": status }])).await;
            let (answer, met) = patiently(&judge.model, &format!("staying {status}")).await;
            assert!(answer.is_err(), "{name} {status}");
            assert_eq!(met, [kind], "{name} {status}");
        }
        assert_eq!((judge.findings().await, judge.attempts().await), (vec![], 8), "{name}");
    }
}

#[tokio::test]
async fn streams_of_others_that_break_are_never_answers() {
    for (name, judge) in others() {
        for (fault, kind) in [
            ("truncate", FailureKind::Cut),
            ("disconnect", FailureKind::Cut),
            ("malformed", FailureKind::Malformed),
        ] {
            let fault = json!({ "type": "stream_fault", "kind": fault, "after_chunks": 5 });
            judge.script(json!([fault])).await;
            let (answer, met) = patiently(&judge.model, "a broken stream").await;
            assert!(answer.is_ok(), "{name} {fault}");
            assert_eq!(met, [kind], "{name} {fault}");
        }
        let stall = json!({ "type": "stream_fault", "kind": "stall", "after_chunks": 4, "stall_seconds": 30 });
        judge.script(json!([stall])).await;
        let started = Instant::now();
        let (answer, met) = patiently(&judge.model, "stalled").await;
        assert!(answer.is_ok() && started.elapsed() < Duration::from_secs(20), "{name}");
        assert_eq!(met, [FailureKind::Stalled], "{name}");
        assert_eq!(judge.findings().await, Vec::<String>::new(), "{name}");
    }
}

#[tokio::test]
async fn calls_whose_arguments_are_no_json_are_told_as_text() {
    for (name, judge) in others().into_iter().filter(|(name, _)| *name != "perplexity") {
        judge.script(json!([{ "type": "tool_fault", "kind": "malformed_arguments" }])).await;
        let call = crate::caller::with_a_tool("look around");
        let answer = judge.model.call(call, &mut String::new()).await.unwrap();
        let arguments = answer.calls.first().map(|call| call.arguments.is_string());
        assert_eq!(arguments, Some(true), "{name}: {:?}", answer.calls);
    }
}

#[tokio::test]
async fn an_answer_that_is_as_long_as_it_may_be_says_so_by_either_api() {
    for (name, judge) in others() {
        let reply = json!({ "type": "reply", "text": "As long as", "finish_reason": "length" });
        judge.script(json!([reply])).await;
        let answer = crate::caller::once(&judge.model, "how long?").await.0.unwrap();
        let said = (answer.text.as_str(), answer.stop_reason.as_deref());
        assert_eq!(said, ("As long as", Some("length")), "{name}");
    }
}
