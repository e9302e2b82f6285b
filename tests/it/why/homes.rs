//! Homes without a server: the journal alone is asked, and left as it is.

use super::kit::{Stage, run, said};
use insta::assert_snapshot;
use std::fs;

#[tokio::test]
async fn a_dead_home_answers_from_its_journal_and_stays_as_it_is() {
    let mut stage = Stage::narrow();
    let running = stage.spawn_until("RUNNING", "for ever", "RUNNING").await;
    let queued = stage.spawn_as("QUEUED", "hello").await;
    stage.app.stop().await;
    let database = || fs::read(stage.home().join("callboard.db")).unwrap();
    let before = database();
    assert_snapshot!("a_dead_home_queued", stage.why_without_a_server(&queued).await);
    let was_running = stage.why_without_a_server(&running).await;
    assert!(was_running.contains("no server answers on this home"), "{was_running}");
    assert_snapshot!("a_dead_home_actor", stage.why_without_a_server("/services/admission").await);
    assert!(database() == before, "looking has changed the database");
    let unknown = run(&stage.home(), &["why", "nobody"]);
    assert_eq!(unknown.status.code(), Some(4));
}

#[test]
fn where_there_is_no_home_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), &["why", "anything", "--home", "nowhere"]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(4), "{error}");
    assert!(error.contains("no database") && error.contains("--home"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn commands_name_the_home_that_was_named() {
    let mut stage = Stage::start();
    let id = stage.spawn_until("ID", "hopeless", "DEAD").await;
    let home = stage.home().display().to_string();
    let told = said(&stage.home(), &["why", &id, "--home", &home]);
    assert!(told.contains(&format!("callboard --home {home} retry {id}")), "{told}");
}
