//! Our client and a caller that heeds its failures, judged by llmock.

use std::process::Command;
use std::time::{Duration, Instant};

use callboard::world::models::{Anthropic, FailureKind};
use serde_json::{Value, json};

use crate::caller::{READ_TIMEOUT, anthropic, patiently};
use crate::server::{Server, tool};

/// llmock and our client of it.
struct Judge {
    server: Server,
    model: Anthropic,
    http: reqwest::Client,
}

impl Judge {
    /// `None`, having said so, when llmock is not installed.
    fn start() -> Option<Self> {
        let llmock = tool("CALLBOARD_TEST_LLMOCK", "llmock", "llmock 0.2.2")?;
        let server = Server::start(|port| {
            let mut command = Command::new(llmock);
            command.args(["serve", "--host", "127.0.0.1", "--port", &port.to_string()]);
            // Without a pause all is sent before the judge can see that we have hung up.
            command.args(["--stream-chunk-delay-ms", "20"]);
            command
        });
        // Our client first: it installs the cryptography that any reqwest client needs.
        let model = anthropic(server.url("/anthropic"));
        Some(Self { server, model, http: reqwest::Client::new() })
    }

    /// Queues what is to happen to the next requests.
    async fn script(&self, behaviors: Value) {
        let url = self.server.url("/_llmock/scenario");
        let body = json!({ "behaviors": behaviors });
        let response = self.http.post(url).json(&body).send().await.unwrap();
        assert_eq!(response.status(), 201);
    }

    /// What llmock thinks of us so far: every finding, warnings included.
    async fn findings(&self) -> Vec<String> {
        let verdict = self.verdict().await;
        let findings = verdict["findings"].as_array().unwrap().iter();
        findings.map(|finding| format!("{}: {}", finding["code"], finding["title"])).collect()
    }

    async fn verdict(&self) -> Value {
        let url = self.server.url("/_llmock/verdict");
        self.http.get(url).send().await.unwrap().json().await.unwrap()
    }

    async fn attempts(&self) -> u64 {
        self.verdict().await["attempts"].as_u64().unwrap()
    }
}

#[tokio::test]
async fn retries_wait_as_long_as_they_are_asked_to() {
    let Some(judge) = Judge::start() else { return };
    judge.script(json!([{ "type": "fail", "status": 429, "retry_after": 0.7, "times": 2 }])).await;
    let started = Instant::now();
    let (answer, met) = patiently(&judge.model, "limited").await;
    assert!(answer.is_ok() && started.elapsed() >= Duration::from_millis(1400));
    assert_eq!(met, [FailureKind::RateLimited; 2]);
    assert_eq!((judge.findings().await, judge.attempts().await), (vec![], 3));
}

#[tokio::test]
async fn failures_that_pass_are_retried_until_there_is_an_answer() {
    let Some(judge) = Judge::start() else { return };
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
    let Some(judge) = Judge::start() else { return };
    for (status, kind) in [
        (400, FailureKind::Rejected),
        (401, FailureKind::Unauthorized),
        (403, FailureKind::Unauthorized),
        (404, FailureKind::Rejected),
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
    let Some(judge) = Judge::start() else { return };
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
    let Some(judge) = Judge::start() else { return };
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
    let Some(judge) = Judge::start() else { return };
    let outage =
        json!({ "type": "stream_fault", "kind": "disconnect", "after_chunks": 2, "times": null });
    judge.script(json!([outage])).await;
    let (answer, met) = patiently(&judge.model, "outage").await;
    assert!(answer.is_err());
    assert_eq!(met, [FailureKind::Cut; 3]);
    assert_eq!((judge.findings().await, judge.attempts().await), (vec![], 3));
}
