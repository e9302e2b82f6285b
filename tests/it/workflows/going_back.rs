//! Going back, as it is told: what was undone by then, who is not at work, and what was given up.

use super::kit::{app, begin, question, reach};
use super::undoing::{register, sent, strings};
use reqwest::StatusCode;
use serde_json::{Value, json};

/// What somebody is told of why it stands so.
async fn why(client: &crate::support::Client, id: &str) -> (String, String) {
    let (status, answer) = client.get(&format!("/why/{id}")).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    (answer["because"].to_string(), answer["commands"].to_string())
}

#[tokio::test]
async fn who_goes_on_behind_what_was_undone_is_warned_of_it() {
    let app = app();
    register(&app).await;
    let id = sent(&app, "hopeless").await;
    let failed = reach(&app, &id, "failed").await;
    assert_eq!(strings(&failed["state"]["log"]).len(), 3, "{failed}");
    let path = |verb: &str| format!("/workflows/{id}/{verb}");
    let (status, receipt) = app.post(&path("resume"), json!({ "checkpoint": 3 })).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{receipt}");
    let warning = receipt["warnings"][0].as_str().unwrap();
    for words in [
        "checkpoint 3 says",
        "ask of step 3, by sorry in step 5",
        "send of step 2, by fetch in step 6",
        "not undone a second time",
        "retry from step 2",
    ] {
        assert!(warning.contains(words), "{words:?} is missing in {warning}");
    }
    let expected = json!([
        { "item": { "step": 3, "node": "ask", "attempt": 1 }, "undone_by": "sorry", "undone_in": 5 },
        { "item": { "step": 2, "node": "send", "attempt": 1 }, "undone_by": "fetch", "undone_in": 6 },
    ]);
    assert_eq!(receipt["undone_before"], expected);
    // It fails again, and nothing is undone twice.
    let times = async || app.said("claude.node.undone").await.len();
    reach(&app, &id, "failed").await;
    assert_eq!(times().await, 2);
    // Behind the first of the two there is one to be warned of, and before both there is none.
    let (_, receipt) = app.post(&path("retry"), json!({ "step": 3 })).await;
    assert_eq!(receipt["undone_before"].as_array().unwrap().len(), 1, "{receipt}");
    assert!(!receipt["warnings"][0].as_str().unwrap().contains("ask of"), "{receipt}");
    question(&app, &id).await;
    app.post(&path("cancel"), json!({})).await;
    reach(&app, &id, "cancelled").await;
    let (status, receipt) = app.post(&path("retry"), json!({ "step": 2 })).await;
    assert_eq!((status, &receipt["warnings"]), (StatusCode::ACCEPTED, &Value::Null), "{receipt}");
}

#[tokio::test]
async fn nobody_is_said_to_be_at_work_where_a_rollback_waits() {
    let app = app();
    register(&app).await;
    let id = sent(&app, "tea").await;
    reach(&app, &id, "completed").await;
    let path = |verb: &str| format!("/workflows/{id}/{verb}");
    app.post(&path("rollback"), json!({ "checkpoint": 3 })).await;
    let paused = reach(&app, &id, "paused").await;
    assert_eq!(paused["frontier"][0]["node"], "pay", "{paused}");
    assert_eq!(paused["frontier"][0]["status"], "held", "{paused}");
    let (because, _) = why(&app, &id).await;
    assert!(because.contains("pay begins when it goes on: nobody works at it"), "{because}");
    assert!(!because.contains("is at work"), "{because}");
    let (_, graph) = app.get(&path("graph")).await;
    let pay = graph["nodes"].as_array().unwrap().iter().find(|node| node["node"] == "pay");
    assert_eq!(pay.unwrap()["status"], "held", "{graph}");
    app.post(&path("resume"), json!({})).await;
    let done = reach(&app, &id, "completed").await;
    let (_, history) = app.get(&path("history")).await;
    let last = &history["items"][0]["nodes"][0];
    assert_eq!((&last["node"], &last["status"]), (&json!("pay"), &json!("done")), "{done}");
}

#[tokio::test]
async fn what_an_undoing_left_as_it_was_is_told_after_it_was_given_up() {
    let app = app();
    register(&app).await;
    let id = begin(&app, "stuck", json!({})).await;
    reach(&app, &id, "failed").await;
    app.post(&format!("/workflows/{id}/cancel"), json!({})).await;
    reach(&app, &id, "cancelled").await;
    let (because, commands) = why(&app, &id).await;
    assert!(
        because.contains("was given up, and this was left as it was: send of step 2"),
        "{because}"
    );
    assert!(commands.contains(&format!("callboard workflows cancel --undo {id}")), "{commands}");
    // A run that did nothing has nothing to be left.
    let other = begin(&app, "talk", json!({ "topic": "tea" })).await;
    question(&app, &other).await;
    app.post(&format!("/workflows/{other}/cancel"), json!({})).await;
    reach(&app, &other, "cancelled").await;
    let (because, commands) = why(&app, &other).await;
    assert!(!because.contains("given up") && !commands.contains("--undo"), "{because}{commands}");
}
