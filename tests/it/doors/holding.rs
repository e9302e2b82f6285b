//! Keeping all entities of a kind from acting, and letting them: by an operator, and after bad starts.

use crate::support::{Server, TestApp, is_problem, until};
use reqwest::{Method, StatusCode};
use serde_json::json;

async fn order(client: &crate::support::Client, path: &str, verb: &str) {
    let (status, body) = client.post(&format!("/actors/{path}/{verb}"), json!({})).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{body}");
}

#[tokio::test]
async fn after_three_early_deaths_the_hosts_are_held_until_an_operator_resumes_them() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let held = [("CALLBOARD_SUPERVISION__UNSETTLED_STARTS", "3")];
    let mut waiting = None;
    for _ in 0..3 {
        let server = Server::start(folder.path(), &home, &held).await;
        waiting = Some(server.spawn("for ever").await);
        drop(server);
    }
    let server = Server::start(folder.path(), &home, &held).await;
    let refused = server.ask(Method::POST, "/spawn").json(&json!({ "prompt": "anything" }));
    let refused = refused.send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.headers().contains_key("retry-after"));
    let (_, info) = server.get("/actors/processes").await;
    assert_eq!(info["status"], "parked", "{info}");
    for path in ["sessions", "workspaces", "processes", "agents", "nodes", "workflows", "schedules"]
    {
        order(&server, path, "resume").await;
        is_problem(
            &server.post(&format!("/actors/{path}/resume"), json!({})).await,
            409,
            &["nothing"],
        );
    }
    let id = server.spawn("anything").await;
    server.wait_for(&id, "COMPLETED").await;
    // What was under way when the server died is taken up as well.
    let lost = waiting.unwrap();
    server.wait_for(&lost, "RUNNING").await;
    assert_eq!(server.get("/health").await.0, StatusCode::OK);
}

#[tokio::test]
async fn processes_that_are_suspended_refuse_at_once_and_go_on_when_they_are_resumed() {
    let app = TestApp::start();
    order(&app, "services/admission", "stop").await;
    let waiting = app.spawn("anything").await;
    order(&app, "processes", "suspend").await;
    order(&app, "services/admission", "resume").await;
    let asked = json!({ "prompt": "anything" });
    for _ in 0..20 {
        is_problem(&app.post("/spawn", asked.clone()).await, 409, &["api", "resume /processes"]);
    }
    let cancel = format!("/processes/{waiting}/cancel");
    is_problem(&app.post(&cancel, json!({})).await, 409, &["resume /processes"]);
    let (_, info) = app.get("/actors/processes").await;
    assert_eq!(
        (&info["status"], &info["detail"]["commands_waiting"]),
        (&json!("parked"), &json!(0))
    );
    assert_eq!(app.queued_files(), 1, "what was refused left nothing");
    assert_eq!(app.get("/health").await.0, StatusCode::OK, "it was meant");
    order(&app, "processes", "resume").await;
    app.wait_for(&waiting, "COMPLETED").await;
    let (_, all) = app.get("/processes").await;
    assert_eq!(all["items"].as_array().unwrap().len(), 1, "nothing ran that had been refused");
}

#[tokio::test]
async fn what_nobody_could_start_again_is_not_stopped() {
    let app = TestApp::start();
    for (path, verbs) in [
        ("journal", &["stop", "suspend"][..]),
        ("edge", &["stop", "suspend"]),
        ("edge/http", &["stop", "suspend"]),
        ("processes", &["stop"]),
        ("sessions", &["stop"]),
    ] {
        for verb in verbs {
            let answer = app.post(&format!("/actors/{path}/{verb}"), json!({})).await;
            is_problem(&answer, 422, &["not here"]);
        }
    }
    order(&app, "processes", "restart").await;
    let id = until("a spawn", || async {
        let (status, receipt) = app.post("/spawn", json!({ "prompt": "anything" })).await;
        (status == StatusCode::ACCEPTED).then(|| receipt["process_id"].as_str().unwrap().to_owned())
    });
    app.wait_for(&id.await, "COMPLETED").await;
}

#[tokio::test]
async fn a_workflow_that_is_held_with_all_others_says_so_where_it_is_shown() {
    let app = TestApp::start();
    let waits = "name: waits\nstart: node\nnodes: {node: {wait: {for: 1h}}}\n";
    let put = app.ask(Method::PUT, "/definitions/waits").body(waits).send().await.unwrap();
    assert_eq!(put.status(), StatusCode::OK, "{}", put.text().await.unwrap());
    let (_, receipt) = app.post("/workflows", json!({ "type": "waits" })).await;
    let path = format!("/workflows/{}", receipt["workflow_id"].as_str().unwrap());
    let (_, row) = app.get(&path).await;
    assert_eq!((&row["status"], &row["parked"]), (&json!("running"), &json!(null)), "{row}");
    order(&app, "workflows", "suspend").await;
    let (_, row) = app.get(&path).await;
    assert_eq!(row["parked"]["by"], "api", "{row}");
    order(&app, "workflows", "resume").await;
    assert_eq!(app.get(&path).await.1["parked"], json!(null));
}
