//! Time travel from outside: `fork`, `replay`, `compare`.

use super::kit::{answer, app, begin, question, reach, talked};
use crate::support::{Client, TestApp, is_problem};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// How many processes there are.
async fn processes(client: &Client) -> usize {
    client.get("/processes?limit=1000").await.1["items"].as_array().unwrap().len()
}

async fn post(app: &TestApp, path: &str, key: &str, body: &Value) -> (StatusCode, Value) {
    let request = app.ask(Method::POST, path).header("Idempotency-Key", key).json(body);
    let answer = request.send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

async fn made(client: &Client, path: &str, body: Value) -> String {
    let (status, receipt) = client.post(path, body).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{receipt}");
    receipt["workflow_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_fork_goes_on_with_another_state_and_says_where_it_comes_from() {
    let app = app();
    let id = talked(&app, "tea").await;
    let stream = format!("/messages?stream=workflow/{id}&limit=1000");
    let length = async || app.get(&stream).await.1["items"].as_array().unwrap().len();
    let before_fork = length().await;
    let before = processes(&app).await;
    let body = json!({ "checkpoint": 3, "state": { "said": ["nothing"] }, "workflow_id": "other" });
    let fork = made(&app, &format!("/workflows/{id}/fork"), body).await;
    assert_eq!(fork, "other");
    let asked = question(&app, &fork).await;
    answer(&app, &fork, &asked, json!("con")).await;
    let done = reach(&app, &fork, "completed").await;
    assert_eq!(done["output"], json!({ "verdict": "con", "said": ["nothing"], "count": 1 }));
    assert_eq!(processes(&app).await, before, "nobody is asked again");
    let edited = json!([{ "channel": "said", "value": ["nothing"] }]);
    assert_eq!((&done["forked_from"], &done["origin"]["edited"]), (&json!(id), &edited), "{done}");
    assert_eq!(done["metrics"]["turns"], 0);

    let (_, history) = app.get("/workflows/other/history").await;
    let first = history["items"].as_array().unwrap().last().unwrap();
    assert_eq!((&first["step"], &first["forked_from"]["workflow_id"]), (&json!(3), &json!(id)));
    assert_eq!(first["writes"], edited);
    let (_, checkpoint) = app.get("/workflows/other/checkpoints/3").await;
    assert_eq!(checkpoint["state"]["said"], json!(["nothing"]), "{checkpoint}");
    let (_, diff) = app.get("/workflows/other/diff?from=3&to=4").await;
    assert_eq!(diff["channels"], json!({ "verdict": { "old": null, "new": "con" } }));
    let (_, graph) = app.get("/workflows/other/graph").await;
    let standing = graph["nodes"].as_array().unwrap().iter().find(|node| node["node"] == "ask");
    assert_eq!(standing.unwrap()["status"], "done");
    let (_, why) = app.get("/why/other").await;
    assert!(why.to_string().contains(&format!("forked from {id} at checkpoint 3")), "{why}");
    let (_, forks) = app.get(&format!("/workflows?forked_from={id}")).await;
    assert_eq!(forks["items"][0]["id"], "other");
    assert_eq!(length().await, before_fork, "its source is as it was");
}

#[tokio::test]
async fn the_same_request_is_one_fork_and_another_under_its_name_is_refused() {
    let app = app();
    let id = talked(&app, "tea").await;
    let place = format!("/workflows/{id}/fork");
    let body = json!({ "checkpoint": 3 });
    let (status, first) = post(&app, &place, "k", &body).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{first}");
    let (again, second) = post(&app, &place, "k", &body).await;
    assert_eq!((again, &second["workflow_id"]), (status, &first["workflow_id"]));
    is_problem(&post(&app, &place, "k", &json!({})).await, 422, &["Idempotency-Key"]);
    let named = json!({ "checkpoint": 3, "workflow_id": "mine" });
    for _ in 0..2 {
        assert_eq!(made(&app, &place, named.clone()).await, "mine");
    }
    let other = json!({ "checkpoint": 2, "workflow_id": "mine" });
    is_problem(&app.post(&place, other).await, 409, &["mine", "exists"]);
    let itself = json!({ "workflow_id": id });
    is_problem(&app.post(&place, itself).await, 409, &["exists"]);
    assert_eq!(app.get("/workflows").await.1["items"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_wrong_fork_is_refused_in_words() {
    let app = app();
    let id = talked(&app, "tea").await;
    let head = app.head().await;
    let refused: &[(Value, u16, &[&str])] = &[
        (json!({ "state": { "sad": 1 } }), 422, &["state.sad", "did you mean \"said\""]),
        (json!({ "state": { "count": "one" } }), 422, &["state.count", "number", "reducer sum"]),
        (json!({ "next": ["asc"] }), 422, &["next", "did you mean \"ask\""]),
        (json!({ "runtime": "magic" }), 422, &["magic", "replay"]),
        (json!({ "limits": { "usd": 0 } }), 422, &["limits.usd is not more than zero"]),
        (json!({ "limits": { "usd": -1 } }), 422, &["limits.usd is not more than zero"]),
        (json!({ "limits": { "turns": 0 } }), 422, &["limits.turns is not more than zero"]),
        (json!({ "limits": { "dollars": 1 } }), 422, &["dollars"]),
        (json!({ "model": "" }), 422, &["model: it has to be a name of 1 to 200 characters"]),
        (
            json!({ "model": "x".repeat(201) }),
            422,
            &["model: it has to be a name of 1 to 200 characters"],
        ),
        (json!({ "checkpiont": 1 }), 422, &["checkpiont"]),
        (json!({ "checkpoint": 77 }), 404, &["checkpoint 77"]),
        (json!({ "workflow_id": "../x" }), 422, &["workflow_id"]),
    ];
    for (body, status, words) in refused {
        let answer = app.post(&format!("/workflows/{id}/fork"), body.clone()).await;
        is_problem(&answer, *status, words);
    }
    is_problem(&app.post("/workflows/nobody/fork", json!({})).await, 404, &["nobody"]);
    is_problem(&app.post("/workflows/nobody/replay", json!({})).await, 404, &["nobody"]);
    is_problem(&app.get(&format!("/workflows/{id}/compare/nobody")).await, 404, &["nobody"]);
    assert_eq!(app.head().await, head, "something was written");
}

#[tokio::test]
async fn a_replay_asks_nobody_and_is_the_same_when_it_is_compared() {
    let app = app();
    let id = talked(&app, "tea").await;
    let before = processes(&app).await;
    let replay = made(&app, &format!("/workflows/{id}/replay"), json!({})).await;
    let done = reach(&app, &replay, "completed").await;
    assert_eq!(done["output"]["verdict"], "pro", "what the person said is said again");
    assert_eq!((&done["replay_of"], &done["metrics"]["turns"]), (&json!(id), &json!(0)));
    assert_eq!(processes(&app).await, before);
    let (_, compared) = app.get(&format!("/workflows/{id}/compare/{replay}")).await;
    assert_eq!((&compared["parts_at"], &compared["channels"]), (&Value::Null, &json!({})));
    assert_eq!(compared["steps"].as_array().unwrap().len(), 3, "{compared}");
    let totals = |side: &str| compared[side]["totals"]["turns"].clone();
    assert_eq!((totals("a"), totals("b")), (json!(2), json!(0)));
    let (_, list) = app.get(&format!("/workflows?replay_of={id}")).await;
    assert_eq!(list["items"][0]["id"], replay);
    // A run that has not come that far has no record to be replayed.
    let waiting = begin(&app, "talk", json!({ "topic": "milk" })).await;
    question(&app, &waiting).await;
    let replay = made(&app, &format!("/workflows/{waiting}/replay"), json!({})).await;
    let failed = reach(&app, &replay, "failed").await;
    assert!(
        failed["error"].as_str().unwrap().contains("says nothing of ask in step 4"),
        "{failed}"
    );
}

#[tokio::test]
async fn two_workflows_are_compared_up_to_where_they_part() {
    let app = app();
    let id = talked(&app, "tea").await;
    let fork = made(&app, &format!("/workflows/{id}/fork"), json!({ "checkpoint": 3 })).await;
    let asked = question(&app, &fork).await;
    answer(&app, &fork, &asked, json!("con")).await;
    reach(&app, &fork, "completed").await;
    let (_, compared) = app.get(&format!("/workflows/{id}/compare/{fork}")).await;
    let parts = json!({ "step": 4, "node": "ask", "what": "output", "a": "pro", "b": "con" });
    assert_eq!((&compared["shared_checkpoint"], &compared["parts_at"]), (&json!(3), &parts));
    assert_eq!(compared["channels"], json!({ "verdict": { "old": "pro", "new": "con" } }));
    let milk = talked(&app, "milk").await;
    let (_, compared) = app.get(&format!("/workflows/{id}/compare/{milk}")).await;
    assert_eq!(
        (&compared["parts_at"]["what"], &compared["shared_checkpoint"]),
        (&json!("input"), &Value::Null)
    );
}

#[tokio::test]
async fn a_subgraph_is_forked_with_its_lineage_and_the_fork_asks_for_itself() {
    let app = app();
    let id = begin(&app, "house", json!({})).await;
    let asked = question(&app, &id).await;
    let (_, shown) = app.get(&format!("/workflows/{id}")).await;
    let child = shown["interrupts"][0]["workflow_id"].as_str().unwrap().to_owned();
    let fork = made(&app, &format!("/workflows/{child}/fork"), json!({})).await;
    let again = question(&app, &fork).await;
    assert_ne!(asked, again, "questions are never shared");
    answer(&app, &fork, &again, json!("no")).await;
    assert_eq!(reach(&app, &fork, "completed").await["output"], json!({ "verdict": "no" }));
    let (_, forked) = app.get(&format!("/workflows/{fork}")).await;
    assert_eq!(forked["origin"]["named"]["workflow_id"], child, "{forked}");
    answer(&app, &id, &asked, json!("yes")).await;
    assert_eq!(reach(&app, &id, "completed").await["output"], json!({ "verdict": "yes" }));
}
