//! `/actors`: the tree, and the operator's verbs on services and on entities.

use crate::support::{TestApp, is_problem, until};
use reqwest::StatusCode;
use serde_json::{Value, json};

async fn order(app: &TestApp, path: &str, verb: &str) {
    let (status, body) = app.post(&format!("/actors/{path}/{verb}"), json!({})).await;
    assert_eq!(
        (status, &body["path"]),
        (StatusCode::ACCEPTED, &json!(format!("/{path}"))),
        "{body}"
    );
}

async fn becomes(app: &TestApp, path: &str, status: &str) -> Value {
    let path = format!("/actors/{path}");
    until(status, || async { Some(app.get(&path).await.1).filter(|info| info["status"] == status) })
        .await
}

#[tokio::test]
async fn the_tree_shows_every_service() {
    let app = TestApp::start();
    let (_, root) = app.get("/actors").await;
    let children = root["children"].as_array().unwrap().iter();
    let paths: Vec<_> = children.map(|child| child["path"].as_str().unwrap()).collect();
    assert_eq!(
        paths,
        [
            "/journal",
            "/sessions",
            "/workspaces",
            "/processes",
            "/agents",
            "/nodes",
            "/workflows",
            "/schedules",
            "/services",
            "/edge"
        ]
    );
    assert_eq!((&root["path"], &root["strategy"]), (&json!("/"), &json!("rest_for_one")));
    for path in [
        "services/admission",
        "services/agent-follower",
        "services/node-scheduler",
        "services/schedule-scheduler",
        "edge/http",
        "journal",
        "agents",
    ] {
        let (_, info) = app.get(&format!("/actors/{path}")).await;
        assert_eq!(
            (&info["path"], &info["status"]),
            (&json!(format!("/{path}")), &json!("running"))
        );
    }
    for path in
        ["nothing", "services/nothing", "processes/nobody", "journal/below", "processes/a/b"]
    {
        is_problem(&app.get(&format!("/actors/{path}")).await, 404, &["GET /actors"]);
    }
}

#[tokio::test]
async fn a_service_is_stopped_resumed_and_restarted() {
    let app = TestApp::start();
    let path = "services/admission";
    for (stop, start) in [("stop", "resume"), ("suspend", "restart")] {
        order(&app, path, stop).await;
        becomes(&app, path, "stopped").await;
        let id = app.spawn("waits for admission").await;
        let (status, health) = app.get("/health").await;
        assert_eq!(
            (status, &health["checks"]["actors"]["ok"]),
            (StatusCode::SERVICE_UNAVAILABLE, &json!(false))
        );
        assert!(
            health["checks"]["actors"]["detail"].as_str().unwrap().contains("/services/admission"),
            "{health}"
        );
        let (_, row) = app.get(&format!("/processes/{id}")).await;
        assert_eq!(row["status"], "PENDING");
        order(&app, path, start).await;
        app.wait_for(&id, "COMPLETED").await;
    }
    order(&app, path, "restart").await;
    becomes(&app, path, "running").await;
    assert_eq!(app.get("/health").await.0, StatusCode::OK);
}

#[tokio::test]
async fn orders_that_make_no_sense_are_refused() {
    let app = TestApp::start();
    let id = app.spawn("anything").await;
    app.wait_for(&id, "COMPLETED").await;
    let entity = format!("processes/{id}");
    let refused: &[(&str, &str, u16)] = &[
        ("services/admission", "retry", 422),
        ("services/admission", "skip", 422),
        ("services/admission", "fail", 422),
        ("services/admission", "dance", 404),
        ("services/nothing", "stop", 404),
        ("processes/nobody", "suspend", 404),
        (&entity, "retry", 409),
        (&entity, "skip", 409),
        (&entity, "resume", 409),
        (&entity, "below/stop", 404),
    ];
    for (path, verb, status) in refused {
        is_problem(&app.post(&format!("/actors/{path}/{verb}"), json!({})).await, *status, &[]);
    }
    for path in ["/actors/stop", "/actors/", "/actors//stop"] {
        let (status, _) = app.post(path, json!({})).await;
        assert!(status.is_client_error(), "{path}: {status}");
    }
    assert_eq!(app.get("/health").await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_suspended_process_is_parked_until_it_is_resumed() {
    let app = TestApp::start();
    let id = app.spawn("for ever").await;
    app.wait_for(&id, "RUNNING").await;
    let path = format!("processes/{id}");
    order(&app, &path, "suspend").await;
    let info = becomes(&app, &path, "parked").await;
    assert_eq!(info["detail"]["parked"]["by"], "api", "{info}");
    let (_, row) = app.get(&format!("/processes/{id}")).await;
    assert_eq!(row["parked"]["by"], "api", "{row}");
    let (status, health) = app.get("/health").await;
    let actors = &health["checks"]["actors"];
    assert_eq!((status, &actors["ok"]), (StatusCode::OK, &json!(true)), "it was meant: {health}");
    assert!(actors["detail"].as_str().unwrap().contains(&path), "but it is shown: {health}");
    is_problem(
        &app.post(&format!("/processes/{id}/cancel"), json!({})).await,
        409,
        &["api", "suspended"],
    );
    is_problem(
        &app.post(&format!("/actors/{path}/suspend"), json!({})).await,
        409,
        &["parked already"],
    );
    is_problem(&app.post(&format!("/actors/{path}/skip"), json!({})).await, 409, &["no command"]);
    order(&app, &path, "resume").await;
    becomes(&app, &path, "running").await;
    let (_, health) = app.get("/health").await;
    assert_eq!(health["checks"]["actors"], json!({ "ok": true }));
    let facts = "/messages?topic=claude.system.supervision&limit=1000";
    let (_, said) = app.get(facts).await;
    let resumed = said["items"].as_array().unwrap().iter();
    let resumed = resumed.filter(|said| said["event_type"] == "ENTITY_RESUMED");
    assert_eq!(
        resumed.map(|said| &said["data"]).collect::<Vec<_>>(),
        [&json!({ "by": "api", "verb": "resume" })]
    );
    order(&app, &path, "restart").await;
    app.post(&format!("/processes/{id}/cancel"), json!({})).await;
    app.wait_for(&id, "CANCELLED").await;
}

#[tokio::test]
async fn a_process_that_is_failed_has_ended() {
    let app = TestApp::start();
    let id = app.spawn("for ever").await;
    app.wait_for(&id, "RUNNING").await;
    let path = format!("processes/{id}");
    order(&app, &path, "suspend").await;
    order(&app, &path, "fail").await;
    app.wait_for(&id, "FAILED").await;
    for verb in ["resume", "retry", "fail"] {
        is_problem(&app.post(&format!("/actors/{path}/{verb}"), json!({})).await, 409, &["fail"]);
    }
}

#[tokio::test]
async fn a_session_whose_file_was_cut_is_parked_until_the_file_is_whole_again() {
    let app = TestApp::start();
    let first = app.spawn_with(json!({ "prompt": "anything", "session_id": "talk" })).await;
    app.wait_for(&first, "COMPLETED").await;
    let log = app.home().join("claude_logs/talk.jsonl");
    let whole = std::fs::read(&log).unwrap();
    std::fs::write(&log, &whole[..whole.len() / 2]).unwrap();
    let second = app.spawn_with(json!({ "prompt": "anything", "session_id": "talk" })).await;
    let info = becomes(&app, "sessions/talk", "parked").await;
    assert_eq!(info["detail"]["parked"]["by"], "stuck", "{info}");
    let (status, health) = app.get("/health").await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    let why = health["checks"]["actors"]["detail"].as_str().unwrap();
    assert!(why.contains("/sessions/talk") && why.contains("committed"), "{health}");
    app.wait_for(&second, "SUCCESS").await;
    // As it is, it parks again; made whole, it goes on where it was.
    order(&app, "sessions/talk", "retry").await;
    becomes(&app, "sessions/talk", "parked").await;
    std::fs::write(&log, &whole).unwrap();
    order(&app, "sessions/talk", "retry").await;
    app.wait_for(&second, "COMPLETED").await;
    let lines = std::fs::read(&log).unwrap();
    assert!(lines.starts_with(&whole) && lines.len() > whole.len());
    assert_eq!(app.get("/health").await.0, StatusCode::OK);
}

/// Gives an order under an Idempotency-Key.
async fn order_once(app: &TestApp, path: &str, key: &str) -> (StatusCode, Value) {
    let request = app.ask(reqwest::Method::POST, path).header("Idempotency-Key", key);
    let response = request.send().await.unwrap();
    (response.status(), response.json().await.unwrap())
}

#[tokio::test]
async fn an_order_under_a_key_is_given_once() {
    let mut app = TestApp::start();
    let restarts = async |app: &TestApp| {
        app.get("/actors/services/sweeper").await.1["restarts"].as_u64().unwrap()
    };
    let path = "/actors/services/sweeper/restart";
    let first = order_once(&app, path, "k").await;
    assert_eq!(first.0, StatusCode::ACCEPTED, "{first:?}");
    let app_ref = &app;
    until("the restart", || async move { (restarts(app_ref).await == 1).then_some(()) }).await;
    for _ in 0..3 {
        assert_eq!(order_once(&app, path, "k").await, first);
    }
    assert_eq!(order_once(&app, path, "another").await.0, StatusCode::ACCEPTED);
    until("the other's restart", || async move { (restarts(app_ref).await == 2).then_some(()) })
        .await;
    let other = order_once(&app, "/actors/services/admission/restart", "k").await;
    is_problem(&other, 422, &["Idempotency-Key", "another order"]);
    // What was refused was not done, and may be asked for again.
    let nobody = order_once(&app, "/actors/services/nobody/restart", "later").await;
    is_problem(&nobody, 404, &[]);
    assert_eq!(order_once(&app, path, "later").await.0, StatusCode::ACCEPTED);
    app.restart().await;
    assert_eq!(order_once(&app, path, "k").await, first);
    app.get("/health").await;
    assert_eq!(restarts(&app).await, 0, "it was given in another life");
}
