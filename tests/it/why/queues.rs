//! Processes that wait: for a place, for their session, for a retry, for somebody who admits them.

use super::kit::Stage;
use insta::assert_snapshot;

#[tokio::test]
async fn queued_behind_a_limit_names_who_holds_the_place() {
    let mut stage = Stage::narrow();
    stage.spawn_until("HOLDER", "for ever", "RUNNING").await;
    stage.spawn_as("BEFORE", "first").await;
    let id = stage.spawn_as("ID", "second").await;
    assert_snapshot!(stage.why(&id).await);
    stage.follow(&id, "callboard cancel").await;
    stage.wait_for(&id, "COMPLETED").await;
}

#[tokio::test]
async fn queued_behind_its_session_names_the_earlier_turn() {
    let mut stage = Stage::start();
    let earlier = stage.spawn_in("EARLIER", "for ever", Some("talk")).await;
    stage.wait_for(&earlier, "RUNNING").await;
    let id = stage.spawn_in("ID", "and then", Some("talk")).await;
    assert_snapshot!(stage.why(&id).await);
    stage.follow(&id, "callboard cancel").await;
    stage.wait_for(&id, "COMPLETED").await;
}

#[tokio::test]
async fn between_two_attempts_it_says_when_the_next_is_due() {
    let mut stage = Stage::start();
    let id = stage.spawn_until("ID", "later", "RETRY").await;
    assert_snapshot!(stage.why(&id).await);
}

#[tokio::test]
async fn without_the_service_that_admits_nobody_comes_to_his_turn() {
    let mut stage = Stage::start();
    stage.order("services/admission", "stop").await;
    let id = stage.spawn_as("ID", "anything").await;
    assert_snapshot!(stage.why(&id).await);
    stage.follow(&id, "callboard operate resume").await;
    stage.wait_for(&id, "COMPLETED").await;
}

#[tokio::test]
async fn after_starts_that_went_wrong_everything_is_held() {
    let mut stage = Stage::narrow();
    let holder = stage.spawn_until("HOLDER", "for ever", "RUNNING").await;
    let id = stage.spawn_as("ID", "anything").await;
    let database = stage.home().join("callboard.db");
    stage
        .app
        .stop_and(|| {
            let bad = "INSERT OR REPLACE INTO meta (key, value) VALUES ('unsettled_starts', '3')";
            rusqlite::Connection::open(&database).unwrap().execute_batch(bad).unwrap();
        })
        .await;
    assert_snapshot!("a_held_process", stage.why(&id).await);
    assert_snapshot!("all_processes_held", stage.why("/processes").await);
    for kind in ["/processes", "/sessions"] {
        stage.follow(kind, "callboard operate resume").await;
    }
    // Asked twice at different moments, else the two answers may differ.
    stage.attempt(&holder, 2, "RUNNING").await;
    assert!(stage.why(&id).await.contains("the only place"), "it queues again");
}

#[tokio::test]
async fn a_runtime_that_is_gone_from_the_settings_is_named() {
    let mut stage = Stage::narrow();
    stage.spawn_until("HOLDER", "for ever", "RUNNING").await;
    let id = stage.spawn_as("ID", "anything").await;
    stage
        .app
        .restart_with(|settings| {
            let replay = settings.runtimes.remove("replay").unwrap();
            settings.runtimes.insert("another".into(), replay);
            settings.processes.default_runtime = "another".into();
        })
        .await;
    stage.wait_for(&id, "DEAD").await;
    assert_snapshot!(stage.why(&id).await);
}
