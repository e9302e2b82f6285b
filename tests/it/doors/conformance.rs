//! `/ws/echo` under Autobahn's cases, as kosoku runs them.

use crate::support::TestApp;
use serde_json::{Map, Value};
use std::process::Command;

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
    let report = tempfile::tempdir().unwrap();
    let url = format!("ws://{}/ws/echo?token={}", app.address, app.token);
    let folder = report.path().to_owned();
    let run = tokio::task::spawn_blocking(move || {
        Command::new(kosoku)
            .args(["-m", "fuzzingclient", "-p", "4", "-o"])
            .arg(folder)
            .arg(url)
            .output()
            .unwrap()
    });
    // Its exit code counts declined compression as a failure: the report is what is judged.
    let output = run.await.unwrap();
    let index = std::fs::read(report.path().join("index.json"));
    let index = index.unwrap_or_else(|error| panic!("no report ({error}): {output:?}"));
    let agents: Map<String, Value> = serde_json::from_slice(&index).unwrap();
    let cases = agents.values().next().unwrap().as_object().unwrap();
    let mut surprises = Vec::new();
    for (case, result) in cases {
        let text = |field: &str| result[field].as_str().unwrap_or_default().to_owned();
        let (behavior, close) = (text("behavior"), text("behaviorClose"));
        if !is_expected(case, &behavior) || !matches!(close.as_str(), "OK" | "INFORMATIONAL") {
            surprises.push(format!("{case}: {behavior}, closed {close}"));
        }
    }
    assert!(surprises.is_empty(), "{surprises:#?}");
    assert_eq!(cases.len(), CASES);
}

fn skip() {
    eprintln!("skipped: needs kosoku (install: eval \"$(tests/tools/install.sh DIR)\")");
}
