//! Ids that mean nothing: what was looked for, and what is near.

use super::kit::{Stage, run};
use crate::support::is_problem;

#[tokio::test]
async fn an_unknown_id_says_what_was_looked_for_and_what_is_near() {
    let mut stage = Stage::start();
    let id = stage.spawn_until("ID", "hello", "COMPLETED").await;
    let other = stage.spawn_in("OTHER", "hello", Some("review-monday")).await;
    stage.wait_for(&other, "COMPLETED").await;
    let torn = &id[..id.len() - 2];
    for (asked, near) in [
        (torn, id.as_str()),
        ("review-mondya", "session review-monday"),
        (&format!("process/{torn}"), id.as_str()),
        ("/services/admision", "/services/admission"),
        ("/nothing/at/all", "/"),
        ("999999", "position"),
        ("01920000-0000-7000-8000-000000000000", "UUID"),
    ] {
        let answer = stage.get(&format!("/why/{asked}")).await;
        is_problem(&answer, 404, &["looked for a process, a session, a workflow, a node, an actor", "callboard ps"]);
        let detail = answer.1["detail"].as_str().unwrap();
        let is_told = detail.contains(near) || matches!(near, "UUID" | "position");
        assert!(is_told, "{asked}: {detail}");
        let output = run(&stage.home(), &["why", asked]);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(4), "{asked}: {error}");
        assert_eq!(error.trim(), format!("callboard: {detail}"));
    }
    let answer = stage.get(&format!("/why/{torn}")).await;
    stage.name(torn, "TORN");
    insta::assert_snapshot!(stage.plain(answer.1["detail"].as_str().unwrap()));
}
