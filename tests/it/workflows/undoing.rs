//! Undoing, rolling back and going back, from outside; and by the command line against a real server that is killed.

use super::kit::{answer, app, begin, question, reach};
use super::line::{say, server};
use crate::support::{Client, is_problem, until};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// Something is sent, a person asked, a model asked; the first two can be undone.
const PARCEL: &str = r#"
name: parcel
input:
  type: object
  required: [topic]
  properties: { topic: { type: string } }
state: { log: { reducer: append }, paid: {} }
start: send
nodes:
  send: { set: { log: "'sent'" }, undo: fetch }
  fetch: { set: { log: "'fetched, as ' ~ error.node ~ ' failed'" } }
  ask: { interrupt: { question: "Pay?" }, write: { paid: output }, undo: sorry }
  sorry: { set: { log: "'sorry for ' ~ output" } }
  pay: { agent: { prompt: "speak for {{ input.topic }}" }, write: { log: output } }
edges:
  - { from: send, to: ask }
  - { from: ask, to: pay }
"#;

/// What it does cannot be undone.
const STUCK: &str = r#"
name: stuck
state: { log: { reducer: append } }
start: send
nodes:
  send: { set: { log: "'sent'" }, undo: fetch }
  fetch: { set: { log: "1 // 0" } }
  fail: { set: { log: "2 // 0" } }
edges:
  - { from: send, to: fail }
"#;

pub(super) async fn register(client: &Client) {
    for (name, text) in [("parcel", PARCEL), ("stuck", STUCK)] {
        let put = client.ask(Method::PUT, &format!("/definitions/{name}")).body(text);
        let status = put.send().await.unwrap().status();
        assert!(status.is_success(), "{status}");
    }
}

/// A parcel whose question is answered.
pub(super) async fn sent(client: &Client, topic: &str) -> String {
    let id = begin(client, "parcel", json!({ "topic": topic })).await;
    let asked = question(client, &id).await;
    assert_eq!(answer(client, &id, &asked, json!("yes")).await.0, StatusCode::ACCEPTED);
    id
}

pub(super) fn strings(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().filter_map(Value::as_str).collect()
}

#[tokio::test]
async fn what_a_failed_run_did_is_undone_and_seen_to_be() {
    let app = app();
    register(&app).await;
    let id = sent(&app, "hopeless").await;
    let failed = reach(&app, &id, "failed").await;
    let expected = ["sent", "sorry for yes", "fetched, as pay failed"];
    assert_eq!(strings(&failed["state"]["log"]), expected, "{failed}");
    assert!(failed["error"].as_str().unwrap().contains("the script says no"), "{failed}");
    let (_, history) = app.get(&format!("/workflows/{id}/history")).await;
    let steps = history["items"].as_array().unwrap();
    let undoes: Vec<_> = steps.iter().map(|step| step["undoes"]["item"]["node"].as_str()).collect();
    let expected = [Some("send"), Some("ask"), None, None, None, None];
    assert_eq!(undoes, expected, "the newest first: {history}");
    let (_, graph) = app.get(&format!("/workflows/{id}/graph")).await;
    let status = |name: &str| {
        let nodes = graph["nodes"].as_array().unwrap();
        nodes.iter().find(|node| node["node"] == name).unwrap()["status"].clone()
    };
    assert_eq!(
        (status("send"), status("fetch"), status("pay")),
        (json!("undone"), json!("done"), json!("failed"))
    );
    assert_eq!(app.said("claude.workflow.undoing").await.len(), 1);
    assert_eq!(app.said("claude.node.undone").await.len(), 2);
    assert_eq!(app.said("claude.workflow.undone").await.len(), 1);
    let (_, why) = app.get(&format!("/why/{id}")).await;
    assert!(why["because"].to_string().contains("a retry begins the run anew"), "{why}");
}

/// The example of the page does what the page says.
#[tokio::test]
async fn a_booking_that_cannot_be_paid_is_cancelled() {
    let app = app();
    let page = include_str!("../../../docs/WORKFLOWS.md");
    let booking = page.split("```yaml\n").find(|block| block.starts_with("name: booking")).unwrap();
    let booking = booking.split("```").next().unwrap().to_owned();
    let put = app.ask(Method::PUT, "/definitions/booking").body(booking).send().await.unwrap();
    assert!(put.status().is_success(), "{}", put.status());
    let id = begin(&app, "booking", json!({ "city": "Rome", "card": "a hopeless card" })).await;
    let failed = reach(&app, &id, "failed").await;
    let expected = ["Saturday, which was an answer", "Friday, which was an answer", "the flight"];
    assert_eq!(strings(&failed["state"]["cancelled"]), expected, "{failed}");
    assert_eq!((&failed["current_step"], failed["runs"].as_array().unwrap().len()), (&json!(6), 1));
}

#[tokio::test]
async fn what_cannot_be_undone_is_named_with_what_unblocks_it() {
    let app = app();
    register(&app).await;
    let id = begin(&app, "stuck", json!({})).await;
    let failed = reach(&app, &id, "failed").await;
    let error = failed["error"].as_str().unwrap();
    assert!(error.starts_with("failed to undo send of step 2: "), "{error}");
    assert_eq!(failed["undoing"]["left"], 1, "{failed}");
    let (_, why) = app.get(&format!("/why/{id}")).await;
    assert_eq!(why["situation"], "undo_failed", "{why}");
    let first = why["commands"][0]["command"].as_str().unwrap();
    assert_eq!(first, format!("callboard workflows retry {id}"));
    assert!(
        why["because"].to_string().contains("1 thing to be undone, now send of step 2"),
        "{why}"
    );
    let before = app.said("claude.node.failed").await.len();
    assert_eq!(
        app.post(&format!("/workflows/{id}/retry"), json!({})).await.0,
        StatusCode::ACCEPTED
    );
    until("it fails again", || async {
        (app.said("claude.node.failed").await.len() > before).then_some(())
    })
    .await;
    reach(&app, &id, "failed").await;
    assert_eq!(
        app.post(&format!("/workflows/{id}/cancel"), json!({})).await.0,
        StatusCode::ACCEPTED
    );
    reach(&app, &id, "cancelled").await;
}

#[tokio::test]
async fn going_back_happens_once_for_one_key_and_is_refused_where_it_makes_no_sense() {
    let app = app();
    register(&app).await;
    let id = begin(&app, "parcel", json!({ "topic": "tea" })).await;
    question(&app, &id).await;
    let path = |verb: &str| format!("/workflows/{id}/{verb}");
    is_problem(&app.post(&path("retry"), json!({ "step": 2 })).await, 409, &["pause or cancel"]);
    is_problem(&app.post(&path("retry"), json!({ "undo": true })).await, 422, &["step"]);
    is_problem(
        &app.post(&path("rollback"), json!({ "checkpoint": 9 })).await,
        404,
        &["checkpoint 9"],
    );
    let back = || {
        let request = app.ask(Method::POST, &path("rollback")).header("Idempotency-Key", "back");
        request.json(&json!({ "checkpoint": 1 })).send()
    };
    assert_eq!(back().await.unwrap().status(), StatusCode::ACCEPTED);
    let paused = reach(&app, &id, "paused").await;
    assert_eq!((&paused["checkpoint"], &paused["state"]["log"]), (&json!(1), &json!([])));
    assert_eq!(back().await.unwrap().status(), StatusCode::ACCEPTED);
    let other = app.ask(Method::POST, &path("rollback")).header("Idempotency-Key", "back");
    let other = other.json(&json!({ "checkpoint": 2 })).send().await.unwrap();
    assert_eq!(other.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(app.said("claude.workflow.rewound").await.len(), 1);
    let from = json!({ "checkpoint": 2 });
    assert_eq!(app.post(&path("resume"), from).await.0, StatusCode::ACCEPTED);
    let asked = question(&app, &id).await;
    answer(&app, &id, &asked, json!("yes")).await;
    let done = reach(&app, &id, "completed").await;
    assert_eq!(done["state"]["log"][0], "sent", "{done}");
    assert_eq!(done["current_step"], done["checkpoint"], "{done}");
    assert_eq!(app.post(&path("cancel"), json!({ "undo": true })).await.0, StatusCode::ACCEPTED);
    let undone = reach(&app, &id, "cancelled").await;
    assert_eq!(strings(&undone["state"]["log"]).last(), Some(&"sorry for yes"), "{undone}");
}

#[tokio::test]
async fn a_node_that_an_operator_ends_leaves_nobody_at_work() {
    let app = app();
    let id = begin(&app, "talk", json!({ "topic": "for ever" })).await;
    let running = format!("/processes?status=RUNNING&workflow_id={id}");
    until("both speak", || async {
        (app.get(&running).await.1["items"].as_array()?.len() == 2).then_some(())
    })
    .await;
    let (_, told) = app.get("/messages?topic=*.node.started").await;
    for message in told["items"].as_array().unwrap() {
        let node = message["stream"].as_str().unwrap().strip_prefix("node/").unwrap().to_owned();
        let verb = format!("/actors/nodes/{node}/fail");
        assert_eq!(app.post(&verb, json!({})).await.0, StatusCode::ACCEPTED);
    }
    reach(&app, &id, "failed").await;
    until("nobody is at work", || async {
        let (_, page) = app.get(&format!("/processes?workflow_id={id}")).await;
        page["items"].as_array()?.iter().all(|row| row["status"] == "CANCELLED").then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_command_line_rolls_back_and_goes_on_over_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let first = server(folder).await;
    register(&first).await;
    let id = sent(&first, "tea").await;
    reach(&first, &id, "completed").await;
    let (code, said, _) = say(folder, &["workflows", "rollback", &id, "--checkpoint", "2"]).await;
    assert_eq!(code, Some(0), "{said}");
    drop(first);
    let second = server(folder).await;
    let paused = reach(&second, &id, "paused").await;
    assert_eq!(strings(&paused["state"]["log"]), ["sent"], "{paused}");
    let (_, lines, _) = say(folder, &["workflows", "history", &id]).await;
    assert!(lines.contains("undoes ask of step 3"), "{lines}");
    let (code, said, error) = say(folder, &["workflows", "retry", &id, "--step", "3"]).await;
    assert_eq!(code, Some(0), "{said}{error}");
    let asked = question(&second, &id).await;
    answer(&second, &id, &asked, json!("no")).await;
    let done = reach(&second, &id, "completed").await;
    assert_eq!(done["state"]["paid"], "no", "{done}");
    let (code, _, _) = say(folder, &["workflows", "cancel", &id, "--undo"]).await;
    assert_eq!(code, Some(0));
    reach(&second, &id, "cancelled").await;
    // What the checkpoint says was done is undone by now.
    let (code, said, warned) =
        say(folder, &["workflows", "resume", &id, "--checkpoint", "2"]).await;
    assert_eq!(code, Some(0), "{said}{warned}");
    let words =
        ["warning: checkpoint 2 says", "send of step 2, by fetch in step ", "retry from step 2"];
    assert!(words.iter().all(|word| warned.contains(word)), "{warned}");
}
