//! Processes that were parked: by a panic of their own code, and over a journal that cannot be read.

use super::kit::Stage;
use insta::assert_snapshot;
use std::path::Path;

/// Changes messages of a process behind the server's back.
fn spoil(database: &Path, id: &str, change: &str) {
    let database = rusqlite::Connection::open(database).unwrap();
    let sql = format!(
        "UPDATE messages SET {change}
         AND stream = (SELECT id FROM streams WHERE kind = 'process' AND name = ?1)"
    );
    assert!(database.execute(&sql, [id]).unwrap() > 0, "nothing was spoilt");
}

/// Where sums are checked (in builds for tests they are), the number after the last one is a panic.
#[tokio::test]
async fn parked_by_a_panic_says_what_it_said_and_what_is_in_the_way() {
    if !cfg!(debug_assertions) {
        return;
    }
    let mut stage = Stage::start();
    let id = stage.spawn_until("ID", "hopeless", "DEAD").await;
    let database = stage.home().join("callboard.db");
    let last = "data = json_set(data, '$.attempt', 4294967295) WHERE data ->> '$.attempt' = 3";
    stage.app.stop_and(|| spoil(&database, &id, last)).await;
    stage.follow(&id, "callboard retry").await;
    stage.parked(&format!("processes/{id}")).await;
    assert_snapshot!("parked_by_a_panic", stage.why(&id).await);
    stage.follow(&id, "callboard operate fail").await;
    stage.wait_for(&id, "FAILED").await;
    assert!(stage.why(&id).await.contains("was ended as failed by api"), "it is at its end");
}

#[tokio::test]
async fn parked_over_an_unreadable_journal_says_where_to_look() {
    let mut stage = Stage::narrow();
    stage.spawn_until("HOLDER", "for ever", "RUNNING").await;
    let id = stage.spawn_as("ID", "anything").await;
    let database = stage.home().join("callboard.db");
    let event = stage.position(&format!("process/{id}"), |m| m["kind"] == "event").await;
    stage.name_position(event["position"].as_i64().unwrap(), "THE EVENT");
    let strange = "event_type = 'SPAWN_DREAMT' WHERE kind = 'event'";
    stage.app.stop_and(|| spoil(&database, &id, strange)).await;
    stage.order(&format!("processes/{id}"), "restart").await;
    stage.parked(&format!("processes/{id}")).await;
    assert_snapshot!("parked_over_its_journal", stage.why(&id).await);
    stage.app.stop().await;
    assert_snapshot!("parked_on_a_dead_home", stage.why_without_a_server(&id).await);
}
