//! `/ws/echo` under Autobahn's cases, as kosoku runs them.

use crate::support::TestApp;
use serde_json::{Map, Value};

/// How many cases there are.
const CASES: usize = 517;

/// Cases that are not strictly OK, and why that is right.
const EXCEPTIONS: [(&str, &str, &str); 8] = [
    (
        "6.4.3",
        "NON-STRICT",
        "bad UTF-8 within one frame is found when the frame is whole, not before",
    ),
    ("6.4.4", "NON-STRICT", "the same, byte by byte"),
    (
        "7.1.6",
        "INFORMATIONAL",
        "a message of 256 kB before the close: whether its echo comes first is open",
    ),
    ("7.13.1", "INFORMATIONAL", "close code 5000: undefined by the RFC"),
    ("7.13.2", "INFORMATIONAL", "close code 65536: undefined by the RFC"),
    ("12.", "UNIMPLEMENTED", "permessage-deflate is offered and declined: we do not compress"),
    ("13.", "UNIMPLEMENTED", "the same, with its parameters"),
    // Where a case has two outcomes that the RFC allows, either counts.
    ("", "OK", "as it should be"),
];

fn is_expected(case: &str, behavior: &str) -> bool {
    let fits = |part: &str| {
        if part.ends_with('.') { case.starts_with(part) } else { part.is_empty() || case == part }
    };
    EXCEPTIONS.iter().any(|(part, expected, _)| *expected == behavior && fits(part))
}

#[tokio::test]
async fn all_cases_of_the_protocol_are_met() {
    let Ok(kosoku) = std::env::var("CALLBOARD_TEST_KOSOKU") else {
        return skip();
    };
    let app = TestApp::start();
    let url = format!("ws://{}/ws/echo?token={}", app.address, app.token);
    let cases = judged(&kosoku, &url, &["-p", "4"]).await;
    assert_eq!(cases.len(), CASES);
    let first = surprises(&cases);
    if first.is_empty() {
        return;
    }
    // The judge waits a second for a connection's end, which may be short where all tests run at once: once more, alone.
    let again: Vec<_> = first.iter().flat_map(|(case, _)| ["-i", case]).collect();
    let again = judged(&kosoku, &url, &again).await;
    assert_eq!(again.len(), first.len());
    assert_eq!(surprises(&again), [], "at first: {first:#?}");
}

/// What kosoku says of each case.
async fn judged(kosoku: &str, url: &str, arguments: &[&str]) -> Map<String, Value> {
    let report = tempfile::tempdir().unwrap();
    let mut judge = tokio::process::Command::new(kosoku);
    judge.args(["-m", "fuzzingclient"]).args(arguments).arg("-o").arg(report.path()).arg(url);
    // Its exit code counts declined compression as a failure: the report is what is judged.
    let output = judge.output().await.unwrap();
    let index = std::fs::read(report.path().join("index.json"));
    let index = index.unwrap_or_else(|error| panic!("no report ({error}): {output:?}"));
    let agents: Map<String, Value> = serde_json::from_slice(&index).unwrap();
    agents.values().next().unwrap().as_object().unwrap().clone()
}

/// Cases that did not go as they should, and how they went.
fn surprises(cases: &Map<String, Value>) -> Vec<(String, String)> {
    let text = |result: &Value, field: &str| result[field].as_str().unwrap_or_default().to_owned();
    let how = |result: &Value| (text(result, "behavior"), text(result, "behaviorClose"));
    let judged = cases.iter().map(|(case, result)| (case, how(result)));
    let wrong = judged.filter(|(case, (behavior, close))| {
        !is_expected(case, behavior) || !matches!(close.as_str(), "OK" | "INFORMATIONAL")
    });
    wrong
        .map(|(case, (behavior, close))| (case.clone(), format!("{behavior}, closed {close}")))
        .collect()
}

fn skip() {
    eprintln!("skipped: needs kosoku (install: eval \"$(tests/tools/install.sh DIR)\")");
}
