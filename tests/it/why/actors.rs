//! Actors: at work, restarted after a panic, taken along by another's fall, stopped by an operator.

use super::kit::Stage;
use crate::support::{TestApp, until};
use insta::assert_snapshot;
use serde_json::json;
use std::time::Duration;

/// How often the journal falls before the cause is mended, and whom it takes along each time, depends on the
/// machine: what is said of it is said once, and numbers of restarts are not.
fn however_often(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let line = without_counts(line);
        if line.is_empty() || !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines.join("\n")
}

/// `restart 2 in a row`, `2 restarts in the last minute`
fn without_counts(line: &str) -> String {
    let words: Vec<_> = line.split(' ').collect();
    let is_restart = |word: Option<&&str>| word.is_some_and(|word| word.contains("restart"));
    let plain = words.iter().enumerate().map(|(index, word)| {
        let is_near =
            is_restart(words.get(index + 1)) || is_restart(words.get(index.wrapping_sub(1)));
        let is_count = is_near && word.chars().all(|letter| letter.is_ascii_digit());
        if is_count { "<n>" } else { word }
    });
    plain.collect::<Vec<_>>().join(" ").replace("<n> restart in", "<n> restarts in")
}

/// Gives the database another schema version; the one it had.
fn schema(app: &TestApp, version: u32) -> u32 {
    let database = rusqlite::Connection::open(app.home().join("callboard.db")).unwrap();
    database.busy_timeout(Duration::from_secs(5)).unwrap();
    let had = database.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    database.pragma_update(None, "user_version", version).unwrap();
    had
}

#[tokio::test]
async fn a_panic_is_told_with_its_text_and_whoever_it_took_along_says_so() {
    let mut stage = Stage::start();
    let settled = stage.get("/actors/journal").await.1;
    assert_eq!(settled["restarts"], 0);
    // The journal's actor panics where a newer program has migrated the database.
    let had = schema(&stage.app, 99);
    stage.order("journal", "restart").await;
    until("the journal to panic", || async {
        let request = stage.ask(reqwest::Method::GET, "/actors/journal");
        // Its fall takes the edge along: then nobody answers.
        let Ok(answer) = request.timeout(Duration::from_millis(200)).send().await else {
            return Some(());
        };
        let info: serde_json::Value = answer.json().await.unwrap_or_default();
        (info["last_exit"]["reason"] == "panicked").then_some(())
    })
    .await;
    schema(&stage.app, had);
    for path in ["/journal", "/services/admission"] {
        until("the house to stand again, and the journal to say so", || async {
            let request = stage.ask(reqwest::Method::GET, &format!("/why/{path}"));
            let answer: serde_json::Value = request.send().await.ok()?.json().await.ok()?;
            (answer["situation"] == "restarted").then_some(())
        })
        .await;
    }
    stage.name(&format!("this program knows {had}:"), "this program knows its own");
    let restarted = however_often(&stage.why("/journal").await);
    assert_snapshot!("restarted_after_a_panic", restarted);
    let along = however_often(&stage.why("/services/admission").await);
    assert_snapshot!("taken_along_by_a_panic", along);
}

/// Waits until the journal says so of the sweeper: decisions are written behind the one who decides.
async fn journaled(stage: &Stage, words: &str) {
    let look = || async {
        let answer = stage.get("/why//services/sweeper").await.1;
        answer["evidence"].to_string().contains(words).then_some(())
    };
    until(words, look).await;
}

#[tokio::test]
async fn a_service_runs_or_says_who_stopped_it() {
    let mut stage = Stage::start();
    journaled(&stage, "first start").await;
    assert_snapshot!("a_service_at_work", stage.why("/services/sweeper").await);
    stage.order("services/sweeper", "stop").await;
    let look = || async {
        let info = stage.get("/actors/services/sweeper").await.1;
        (info["status"] == "stopped").then_some(())
    };
    until("the sweeper to stop", look).await;
    journaled(&stage, "as it was asked").await;
    assert_snapshot!("a_service_that_was_stopped", stage.why("/services/sweeper").await);
}

#[tokio::test]
async fn the_root_takes_no_orders_and_none_is_offered() {
    let mut stage = Stage::start();
    assert_snapshot!("the_root", stage.why("/").await);
}

#[tokio::test]
async fn all_of_a_kind_name_those_that_are_parked() {
    let mut stage = Stage::start();
    let id = stage.spawn_until("ID", "for ever", "RUNNING").await;
    stage.post(&format!("/actors/processes/{id}/suspend"), json!({})).await;
    stage.parked(&format!("processes/{id}")).await;
    assert_snapshot!(stage.why("/processes").await);
}
