//! Sessions: parked over a damaged file, with whoever that holds up; speaking; at rest.

use super::kit::Stage;
use insta::assert_snapshot;

#[tokio::test]
async fn a_session_whose_file_was_cut_parks_and_holds_its_processes_up() {
    let mut stage = Stage::start();
    let first = stage.spawn_in("FIRST", "hello", Some("talk")).await;
    stage.wait_for(&first, "COMPLETED").await;
    let session = stage.get("/sessions/talk").await.1["session"].take();
    let bytes = session["bytes"].as_u64().unwrap();
    stage.name(&format!("{bytes} bytes"), "LENGTH");
    stage.name(&format!("{bytes} were"), "LENGTH were");
    assert_snapshot!("a_session_at_rest", stage.why("talk").await);

    let second = stage.spawn_in("SECOND", "slowly", Some("talk")).await;
    stage.wait_for(&second, "RUNNING").await;
    assert_snapshot!("a_session_that_speaks", stage.why("talk").await);
    let log = stage.home().join("claude_logs/talk.jsonl");
    let whole = std::fs::read(&log).unwrap();
    std::fs::write(&log, "short").unwrap();
    stage.wait_for(&second, "SUCCESS").await;
    stage.parked("sessions/talk").await;
    assert_snapshot!("a_parked_session", stage.why("talk").await);
    assert_snapshot!("an_answer_for_a_parked_session", stage.why(&second).await);
    assert!(stage.follow(&second, "cat").await.contains("Slow and late."), "the answer is at hand");
    let third = stage.spawn_in("THIRD", "and then", Some("talk")).await;
    assert_snapshot!("queued_behind_a_parked_session", stage.why(&third).await);

    std::fs::write(&log, whole).unwrap();
    stage.follow(&third, "callboard operate retry").await;
    stage.wait_for(&third, "COMPLETED").await;
}

#[tokio::test]
async fn a_session_whose_turn_has_not_come_names_the_process() {
    let mut stage = Stage::start();
    stage.order("services/admission", "stop").await;
    stage.spawn_in("ID", "hello", Some("talk")).await;
    assert_snapshot!("a_session_that_waits_for_a_turn", stage.why("talk").await);
    stage.order("sessions", "suspend").await;
    assert_snapshot!("a_session_that_is_held", stage.why("talk").await);
    stage.follow("talk", "callboard operate resume").await;
}

#[tokio::test]
async fn an_answer_that_gets_no_line_says_where_it_is() {
    let mut stage = Stage::start();
    let first = stage.spawn_in("FIRST", "hello", Some("talk")).await;
    stage.wait_for(&first, "COMPLETED").await;
    let session = stage.get("/sessions/talk").await.1["session"].take();
    stage.name(&format!("{} bytes", session["bytes"]), "LENGTH");
    stage.name(&format!("{} were", session["bytes"]), "LENGTH were");
    std::fs::write(stage.home().join("claude_logs/talk.jsonl"), "short").unwrap();
    let second = stage.spawn_in("SECOND", "slowly", Some("talk")).await;
    stage.wait_for(&second, "SUCCESS").await;
    stage.parked("sessions/talk").await;
    stage.follow("talk", "callboard operate skip").await;
    stage.wait_for(&second, "DEAD").await;
    assert_snapshot!("dead_because_its_turn_was_skipped", stage.why(&second).await);
    assert_snapshot!("a_session_that_goes_on_without_a_turn", stage.why("talk").await);
}
