//! Standing instructions: said with an order or by a profile, and the same for every attempt.

use crate::support::{TestApp, until};
use callboard::settings::RuntimeKind;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// Answers that tell under which instructions they were given.
const ANSWERS: &str = "
name: systems
unmatched: refuse
answers:
  - { match: { prompt_contains: fail once }, error: { kind: rejected, message: not now }, times: 1, per: process }
  - { match: { system_contains: be brief, role: monk }, answer: said briefly by a monk }
  - { match: { system_contains: be brief }, answer: said briefly }
  - { match: { system_contains: at length, role: monk }, answer: said at length by a monk }
  - { match: { role: monk }, answer: said by a monk as he likes }
  - { match: {}, answer: said by anybody }
";

/// The profile of monks, with these instructions.
fn monk(folder: &Path, instructions: &str) {
    let text = format!("name: monk\nrole: Says little\nsystem_prompt: {instructions}\n");
    fs::write(folder.join("monk.yaml"), text).unwrap();
}

/// A house in which the agent `ben` is a monk, and the folder of its profiles.
async fn monastery() -> (TestApp, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let profiles = folder.path().join("profiles");
    fs::create_dir(&profiles).unwrap();
    monk(&profiles, "Be brief");
    let replay = folder.path().join("replay");
    fs::create_dir(&replay).unwrap();
    fs::write(replay.join("answers.yaml"), ANSWERS).unwrap();
    let app = TestApp::with(|settings| {
        settings.agents.folder = profiles;
        let runtime = settings.runtimes.get_mut("replay").unwrap();
        runtime.kind = RuntimeKind::Replay { folder: replay };
    });
    let (status, row) = app.post("/agents", json!({ "id": "ben", "profile": "monk" })).await;
    assert_eq!(status, 201, "{row}");
    (app, folder)
}

async fn said(app: &TestApp, id: &str) -> Value {
    app.wait_for(id, "COMPLETED").await;
    app.get(&format!("/processes/{id}/response")).await.1["content"].clone()
}

async fn ask(app: &TestApp, body: Value) -> Value {
    let id = app.spawn_with(body).await;
    said(app, &id).await
}

fn blobs(app: &TestApp) -> usize {
    let shards = fs::read_dir(app.home().join("state/blobs")).unwrap();
    shards.map(|shard| fs::read_dir(shard.unwrap().path()).unwrap().count()).sum()
}

#[tokio::test]
async fn a_model_is_given_what_was_said_else_what_the_agents_profile_says() {
    let (app, _folder) = monastery().await;
    let of_ben = |system: Value| json!({ "prompt": "x", "agent_id": "ben", "system": system });
    assert_eq!(ask(&app, of_ben(Value::Null)).await, "said briefly by a monk");
    assert_eq!(ask(&app, of_ben(json!("Speak at length."))).await, "said at length by a monk");
    assert_eq!(ask(&app, of_ben(json!(" "))).await, "said by a monk as he likes");
    assert_eq!(ask(&app, json!({ "prompt": "x", "system": "be BRIEF!" })).await, "said briefly");
    assert_eq!(ask(&app, json!({ "prompt": "x" })).await, "said by anybody");
    assert_eq!(ask(&app, of_ben(Value::Null)).await, "said briefly by a monk");
    assert_eq!(blobs(&app), 3, "equal instructions are one file");
}

#[tokio::test]
async fn a_retry_asks_the_same_though_the_profile_has_changed_and_the_server_too() {
    let (mut app, folder) = monastery().await;
    let order = |prompt: &str| json!({ "prompt": prompt, "agent_id": "ben" });
    let first = app.spawn_with(order("fail once")).await;
    app.wait_for(&first, "DEAD").await;
    monk(&folder.path().join("profiles"), "Speak at length");
    app.restart().await;
    assert_eq!(ask(&app, order("y")).await, "said at length by a monk");
    // The script fails once in each life of the server.
    for _ in 0..2 {
        assert_eq!(app.post(&format!("/processes/{first}/retry"), json!({})).await.0, 202);
        let app = &app;
        let first = &first;
        let status = until("an end", || async move {
            let (_, row) = app.get(&format!("/processes/{first}")).await;
            let status = row["status"].as_str().unwrap().to_owned();
            ["DEAD", "COMPLETED"].contains(&status.as_str()).then_some(status)
        });
        if status.await == "COMPLETED" {
            break;
        }
    }
    assert_eq!(said(&app, &first).await, "said briefly by a monk");
    let database = app.home().join("callboard.db");
    let home = app.home();
    app.stop().await;
    let inspection = callboard_actors::journal::Inspection::open(&database).unwrap();
    let looked = callboard_actors::journal::Home::look(&home, database).unwrap();
    let found = inspection.verify(&looked, &callboard_actors::system::rebuild_tables()).unwrap();
    assert_eq!(found, []);
}

#[tokio::test]
async fn another_system_under_the_same_key_is_another_request() {
    let (app, _folder) = monastery().await;
    let order = |system: &str| json!({ "prompt": "x", "system": system });
    let (status, first) = app.post_spawn("k", &order("Be brief")).await;
    assert_eq!(status, 202, "{first}");
    assert_eq!(app.post_spawn("k", &order("Be brief")).await.1, first);
    assert_eq!(app.post_spawn("k", &order("Speak at length")).await.0, 422);
}
