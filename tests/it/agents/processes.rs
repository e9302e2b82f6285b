//! What processes make of their agent: busy, and what it took.

use super::registry::register;
use crate::support::{Server, TestApp, until};
use callboard::settings::OnLost;
use serde_json::{Value, json};

async fn metrics(app: &crate::support::Client, completed: u64) -> Value {
    until("the agent's metrics", || async move {
        let (_, row) = app.get("/agents/ada").await;
        (row["metrics"]["completed"] == completed).then_some(row)
    })
    .await
}

#[tokio::test]
async fn an_agent_is_busy_while_its_process_runs_and_sums_up_what_they_took() {
    let app = TestApp::start();
    register(&app, "ada").await;
    let order = |prompt: &str| json!({ "prompt": prompt, "agent_id": "ada" });
    let running = app.spawn_with(order("for ever")).await;
    let app_ref = &app;
    let row = until("busy", || async move {
        let (_, row) = app_ref.get("/agents/ada").await;
        (row["status"] == "busy").then_some(row)
    })
    .await;
    assert_eq!(row["current_process_id"], json!(running));
    assert!(row["current_session_id"].is_string() && row["last_active_at"].is_string());
    app.post(&format!("/processes/{running}/cancel"), json!({})).await;
    let mut tokens = 0;
    for _ in 0..3 {
        let id = app.spawn_with(order("hello")).await;
        tokens += app.wait_for(&id, "COMPLETED").await["metrics"]["tokens_out"].as_u64().unwrap();
    }
    let dead = app.spawn_with(order("hopeless")).await;
    app.wait_for(&dead, "DEAD").await;
    let row = until("all of it", || async move {
        let (_, row) = app_ref.get("/agents/ada").await;
        (row["metrics"]["failed"] == 1 && row["status"] == "inactive").then_some(row)
    })
    .await;
    let metrics = &row["metrics"];
    let counted = (&metrics["completed"], &metrics["cancelled"], &metrics["tokens_out"]);
    assert_eq!(counted, (&json!(3), &json!(1), &json!(tokens)), "{row}");
    let (_, sessions) = app.get("/sessions?limit=50").await;
    let of_ada = sessions["items"].as_array().unwrap().iter().filter(|s| s["agent_id"] == "ada");
    assert_eq!(of_ada.count(), 3);
}

#[tokio::test]
async fn an_agent_whose_process_waits_for_an_operator_is_free_until_that_has_decided() {
    let mut app = TestApp::with(|settings| {
        settings.runtimes.get_mut("replay").unwrap().on_lost = OnLost::Ask;
    });
    register(&app, "ada").await;
    let id = app.spawn_with(json!({ "prompt": "for ever", "agent_id": "ada" })).await;
    app.wait_for(&id, "RUNNING").await;
    agent_is(&app, "busy").await;
    app.restart().await;
    app.wait_for(&id, "INDETERMINATE").await;
    let row = agent_is(&app, "inactive").await;
    assert_eq!(row["current_process_id"], Value::Null, "{row}");
    let counted = ["completed", "failed", "cancelled", "retries"].map(|name| &row["metrics"][name]);
    assert_eq!(counted, [&json!(0); 4], "nothing is decided: {row}");
    app.post(&format!("/processes/{id}/retry"), json!({})).await;
    agent_is(&app, "busy").await;
    app.restart().await;
    app.wait_for(&id, "INDETERMINATE").await;
    app.post(&format!("/processes/{id}/fail"), json!({})).await;
    app.wait_for(&id, "DEAD").await;
    let app = &app;
    let row = until("the count", || async move {
        let (_, row) = app.get("/agents/ada").await;
        (row["metrics"]["failed"] == 1).then_some(row)
    });
    assert_eq!(row.await["status"], "inactive");
}

async fn agent_is(app: &TestApp, status: &str) -> Value {
    until(status, || async move {
        let (_, row) = app.get("/agents/ada").await;
        (row["status"] == status).then_some(row)
    })
    .await
}

#[tokio::test]
async fn a_process_asks_the_model_of_its_agents_profile_unless_it_says_otherwise() {
    let app = TestApp::start();
    let (_, row) = app.post("/agents", json!({ "id": "eve", "profile": "reviewer" })).await;
    assert_eq!(row["profile"], "reviewer");
    let model = async |body: Value| {
        let id = app.spawn_with(body).await;
        app.wait_for(&id, "COMPLETED").await["model"].clone()
    };
    assert_eq!(model(json!({ "prompt": "x", "agent_id": "eve" })).await, "opus");
    assert_eq!(model(json!({ "prompt": "x", "agent_id": "eve", "model": "haiku" })).await, "haiku");
    assert_eq!(model(json!({ "prompt": "x", "agent_id": "nobody" })).await, "sonnet");
}

#[tokio::test]
async fn over_kills_every_process_is_counted_once() {
    const PROCESSES: u64 = 60;
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let mut server = Server::start(folder.path(), &home, &[]).await;
    server.post("/agents", json!({ "id": "ada", "profile": "coder" })).await;
    for number in 0..PROCESSES {
        server.spawn_with(json!({ "prompt": "hello", "agent_id": "ada" })).await;
        if number % 12 == 11 {
            drop(server);
            server = Server::start(folder.path(), &home, &[]).await;
        }
    }
    let row = metrics(&server, PROCESSES).await;
    let (_, done) = server.get("/processes?agent_id=ada&limit=1000").await;
    let done = done["items"].as_array().unwrap();
    let sum: u64 = done.iter().map(|p| p["metrics"]["tokens_out"].as_u64().unwrap()).sum();
    assert_eq!(
        (row["metrics"]["tokens_out"].as_u64(), row["metrics"]["failed"].as_u64()),
        (Some(sum), Some(0))
    );
    let row = until("rest", || async {
        let (_, row) = server.get("/agents/ada").await;
        (row["status"] == "inactive").then_some(row)
    });
    assert_eq!(row.await["current_process_id"], Value::Null);
    server.terminate().await;
    let database = home.join("callboard.db");
    let inspection = callboard_actors::journal::Inspection::open(&database).unwrap();
    let looked = callboard_actors::journal::Home::look(&home, database).unwrap();
    let found = inspection.verify(&looked, &callboard_actors::system::rebuild_tables()).unwrap();
    assert_eq!(found, [], "the read model is what a rebuild gives");
}

#[tokio::test]
async fn an_agent_that_is_kept_from_acting_hears_later_and_holds_up_nobody() {
    let mut app = TestApp::start();
    register(&app, "ada").await;
    register(&app, "bob").await;
    assert_eq!(app.post("/actors/agents/ada/suspend", json!({})).await.0, 202);
    let app_ref = &app;
    until("the suspension", || async move {
        let (_, row) = app_ref.get("/agents/ada").await;
        row["parked"].is_object().then_some(())
    })
    .await;
    for agent in ["ada", "bob"] {
        let id = app.spawn_with(json!({ "prompt": "hello", "agent_id": agent })).await;
        app.wait_for(&id, "COMPLETED").await;
    }
    until("bob's metrics", || async move {
        let (_, row) = app_ref.get("/agents/bob").await;
        (row["metrics"]["completed"] == 1).then_some(())
    })
    .await;
    app.restart().await;
    assert_eq!(app.get("/agents/ada").await.1["metrics"]["completed"], 0);
    assert_eq!(app.post("/actors/agents/ada/resume", json!({})).await.0, 202);
    let row = metrics(&app, 1).await;
    assert_eq!(row["metrics"]["retries"], 0, "{row}");
}
