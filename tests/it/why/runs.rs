//! Processes at work, and those that are kept from it.

use super::kit::{Stage, newest, said};
use super::plain::Plain;
use crate::support::{Server, until};
use insta::assert_snapshot;

/// Waits until an attempt has said something.
async fn heard(stage: &Stage, id: &str, attempt: u32) {
    let file = stage.home().join(format!("processes/{id}/{attempt}/stdout"));
    let look = || async { file.metadata().ok().filter(|file| file.len() == 10) };
    until("ten bytes of output", look).await;
}

#[tokio::test]
async fn running_says_which_attempt_where_and_what_was_heard() {
    let mut stage = Stage::start();
    let id = stage.spawn_as("ID", "stumble, then half").await;
    stage.attempt(&id, 2, "RUNNING").await;
    heard(&stage, &id, 2).await;
    assert_snapshot!("running", stage.why(&id).await);
    assert_snapshot!("running_as_json", stage.why_json(&id).await);
    assert_snapshot!("running_as_an_actor", stage.why(&format!("/processes/{id}")).await);
}

#[tokio::test]
async fn suspended_says_by_whom_and_how_it_may_act_again() {
    let mut stage = Stage::start();
    let id = stage.spawn_until("ID", "half", "RUNNING").await;
    heard(&stage, &id, 1).await;
    let path = format!("processes/{id}");
    stage.order(&path, "suspend").await;
    stage.parked(&path).await;
    assert_snapshot!("suspended", stage.why(&id).await);
    stage.follow(&id, "callboard operate resume").await;
    assert!(stage.why(&id).await.contains("runs: attempt 1"), "it acts again");
    stage.order(&path, "suspend").await;
    stage.parked(&path).await;
    stage.follow(&id, "callboard operate fail").await;
    stage.wait_for(&id, "FAILED").await;
    assert_snapshot!("ended_by_an_operator", stage.why(&id).await);
}

#[tokio::test]
async fn suspended_by_an_operator_and_left_by_a_killed_server_says_that_nobody_works() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let server = Server::start(folder.path(), &home, &[]).await;
    let id = server.spawn("for ever").await;
    server.wait_for(&id, "RUNNING").await;
    server.post(&format!("/actors/processes/{id}/suspend"), serde_json::json!({})).await;
    until("the park", || async {
        let answer = server.get(&format!("/why/{id}")).await.1;
        (answer["situation"] == "suspended").then_some(())
    })
    .await;
    drop(server); // kills it with SIGKILL
    let mut plain = Plain::default();
    plain.name(&id, "ID");
    let dead = plain.text(&said(&home, &["why", &id]));
    assert_snapshot!("suspended_and_left", dead);
    let server = Server::start(folder.path(), &home, &[]).await;
    server.wait_for(&id, "PARKED").await;
    assert_snapshot!("suspended_and_abandoned", plain.text(&said(&home, &["why", &id])));
}

#[tokio::test]
async fn an_attempt_that_a_killed_server_left_is_told_as_lost() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let server = Server::start(folder.path(), &home, &[]).await;
    let id = server.spawn("for ever").await;
    server.wait_for(&id, "RUNNING").await;
    drop(server); // kills it with SIGKILL
    let mut plain = Plain::default();
    plain.name(&id, "ID");
    let dead = plain.text(&said(&home, &["why", &id]));
    assert_snapshot!("left_by_a_killed_server", dead);

    let server = Server::start(folder.path(), &home, &[]).await;
    until("the second attempt", || async {
        let row = server.get(&format!("/processes/{id}")).await.1;
        (row["attempt"] == 2 && row["status"] == "RUNNING").then_some(())
    })
    .await;
    assert_snapshot!("lost_and_tried_again", plain.text(&said(&home, &["why", &id])));
    let lost =
        newest(&server, &format!("process/{id}"), |m| m["event_type"] == "SPAWN_FAILED").await;
    assert_eq!(lost["data"]["kind"], "lost");
}
