//! `autoagent` on the script that ships: a calculator is made, its fault is found and mended, whatever happens to the
//! server meanwhile; and all of it can be taken back.

use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::outside::start;
use crate::support::{Server, until};

const TASK: &str = "Create a calculator app";
/// So many turns the script has.
const TURNS: usize = 16;

async fn begun(server: &Server, task: &str, workspace: &Path) -> String {
    let params = json!({ "task": task, "workspace": workspace });
    let wish = json!({ "type": "autoagent", "params": params });
    let (status, receipt) = server.post("/workflows", wish).await;
    assert_eq!(status, 202, "{receipt}");
    format!("/workflows/{}", receipt["workflow_id"].as_str().unwrap())
}

async fn over(server: &Server, path: &str) -> Value {
    let row = until("the workflow's end", || async move {
        let (_, row) = server.get(path).await;
        (row["status"] != "running").then_some(row)
    });
    row.await
}

async fn made_of(server: &Server, path: &str, how: &str, wish: Value) -> String {
    let (status, receipt) = server.post(&format!("{path}/{how}"), wish).await;
    assert_eq!(status, 202, "{receipt}");
    format!("/workflows/{}", receipt["workflow_id"].as_str().unwrap())
}

async fn folder_of(server: &Server, path: &str) -> PathBuf {
    server.get(&format!("{path}/files")).await.1["folder"].as_str().unwrap().into()
}

/// Its own tests, by the real cargo; on a thread of their own, for the connections of clients time out meanwhile.
async fn tested(calculator: &Path) {
    let calculator = calculator.to_owned();
    actix_web::rt::task::spawn_blocking(move || test(&calculator)).await.unwrap();
}

fn test(calculator: &Path) {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let target = tempfile::tempdir().unwrap();
    let mut command = Command::new(cargo);
    command.args(["test", "--offline", "--target-dir"]).arg(target.path());
    let output = command.current_dir(calculator).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("equal_signs_go_from_left_to_right ... ok"), "{said}");
}

fn is_whole(result: &Value, calculator: &Path) {
    assert_eq!((&result["accepted"], &result["errors"]), (&json!(true), &json!([])), "{result}");
    assert!(result["quality_score"].as_f64().unwrap() >= 0.75, "{result}");
    assert_eq!(result["fixes"].as_array().unwrap().len(), 1, "{result}");
    let read = |path: &str| {
        let text = fs::read_to_string(calculator.join(path));
        text.unwrap_or_else(|error| panic!("{path}: {error}"))
    };
    assert!(read("docs/design.md").contains("```mermaid\nflowchart"));
    assert!(read("docs/adr/0001-evaluate-while-parsing.md").contains("Evaluate while parsing"));
    assert!(read("docs/API.md").contains("evaluate"));
    assert!(read("docs/review.md").starts_with("# Review, round 2\n\n**Accepted**"));
}

#[actix_web::test]
async fn a_wish_becomes_software_that_passes_its_tests_also_when_the_server_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let (home, calculator) = (folder.path().join("home"), folder.path().join("calc"));
    let mut server = start(folder.path(), &home).await;
    let path = begun(&server, TASK, &calculator).await;
    for after in [2, 5, 9, 12] {
        let client = &server;
        until("some turns", || async move {
            (client.said("claude.spawn.complete").await.len() >= after).then_some(())
        })
        .await;
        drop(server);
        server = start(folder.path(), &home).await;
    }
    let row = over(&server, &path).await;
    assert_eq!(row["status"], "completed", "{row}");
    is_whole(&row["output"]["final_result"], &calculator);
    tested(&calculator).await;
    assert_eq!(server.said("claude.spawn.complete").await.len(), TURNS, "nothing was asked twice");

    // After the code was written, in a folder of its own: only the review is made again, and the same fault mended.
    let other = made_of(&server, &path, "fork", json!({ "checkpoint": 6 })).await;
    let row = over(&server, &other).await;
    is_whole(&row["output"]["final_result"], &folder_of(&server, &other).await);
    let asked = server.said("claude.spawn.complete").await.len();
    let replayed = made_of(&server, &path, "replay", json!({})).await;
    let row = over(&server, &replayed).await;
    assert_eq!(row["output"]["final_result"]["accepted"], true, "{row}");
    assert_eq!(server.said("claude.spawn.complete").await.len(), asked, "a replay asks nobody");
    tested(&calculator).await;

    let (status, undone) = server.post(&format!("{path}/undo"), json!({})).await;
    assert_eq!(status, 200, "{undone}");
    let left = fs::read_dir(&calculator).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = left.filter(|name| name != ".callboard" && name != "Cargo.lock").collect();
    assert!(left.is_empty(), "{left:?}");
}

#[actix_web::test]
async fn for_another_task_it_says_that_no_recording_matches_and_how_to_set_a_provider() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(folder.path(), &folder.path().join("home")).await;
    let path = begun(&server, "Write a web shop", &folder.path().join("shop")).await;
    let row = over(&server, &path).await;
    assert_eq!(row["status"], "failed", "{row}");
    let error = row["error"].to_string();
    for said in ["no recording matches", "set a provider", "ANTHROPIC_API_KEY"] {
        assert!(error.contains(said), "{said:?} is missing in {error}");
    }
}
