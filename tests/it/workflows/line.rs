//! The command line: `run`, followed and detached; `workflows`, and what it does.

use super::kit::write_definitions;
use crate::support::{Server, until};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Output};

/// The binary, on this home.
pub(super) fn callboard(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
    let replay = folder.join("replay");
    command
        .args(words)
        .current_dir(folder)
        .env("CALLBOARD_HOME", folder.join("home"))
        .env("CALLBOARD_WORKFLOWS__FOLDER", folder.join("workflows"))
        .env("CALLBOARD_RUNTIMES__REPLAY__FOLDER", replay)
        .env("USER", "ada");
    command
}

pub(super) async fn say(folder: &Path, words: &[&str]) -> (Option<i32>, String, String) {
    let mut command = callboard(folder, words);
    let Output { status, stdout, stderr } =
        tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

async fn server(folder: &Path) -> Server {
    write_definitions(&folder.join("workflows"));
    let definitions = folder.join("workflows").to_string_lossy().into_owned();
    let variables = [("CALLBOARD_WORKFLOWS__FOLDER", definitions.as_str())];
    Server::start(folder, &folder.join("home"), &variables).await
}

#[tokio::test]
async fn a_run_is_followed_line_by_line_and_answered_from_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let server = server(folder).await;
    let mut command = callboard(folder, &["run", "talk", "topic=7", "rounds=2"]);
    let run = tokio::task::spawn_blocking(move || command.output().unwrap());
    let id = until("the question", || async {
        let (_, page) = server.get("/workflows?status=interrupted").await;
        page["items"][0]["id"].as_str().map(str::to_owned)
    })
    .await;
    let (code, _, error) = say(folder, &["workflows", "answer", &id, "nobody"]).await;
    assert!(code == Some(5) && error.contains("does not fit"), "{code:?} {error}");
    assert_eq!(say(folder, &["workflows", "answer", &id, "pro"]).await.0, Some(0));
    let Output { status, stdout, stderr } = run.await.unwrap();
    let text = String::from_utf8(stdout).unwrap();
    assert_eq!(status.code(), Some(0), "{text}{}", String::from_utf8_lossy(&stderr));
    for line in [
        "  3  pro          ✓ 1 turn, ",
        "  4  ask          ? Who has won, on 7?",
        "  4  ask          ! ada: \"pro\"",
        "completed: 2 turns, ",
        "verdict\npro",
    ] {
        assert!(text.contains(line), "{line:?} is missing in\n{text}");
    }
    let (_, shown, _) = say(folder, &["workflows", "show", &id, "--json"]).await;
    let shown: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(
        shown["params"],
        json!({ "topic": "7", "rounds": 2 }),
        "typed as its definition says"
    );
    let (_, history, _) = say(folder, &["workflows", "history", &id]).await;
    assert!(history.contains("    verdict ← pro"), "{history}");
    let (_, list, _) = say(folder, &["workflows", "--type", "talk", "--param", "topic=7"]).await;
    assert!(list.contains(&id), "{list}");
    let (_, why, _) = say(folder, &["why", &id]).await;
    assert!(why.contains("has completed"), "{why}");
}

#[tokio::test]
async fn a_detached_run_is_steered_by_its_id() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let _server = server(folder).await;
    let (code, id, _) = say(folder, &["run", "talk", "topic=for ever", "--detach"]).await;
    assert_eq!(code, Some(0));
    let id = id.trim();
    for (verb, status) in [("pause", "paused"), ("resume", "running")] {
        let (code, text, _) = say(folder, &["workflows", verb, id]).await;
        assert!(code == Some(0) && text.contains(status), "{verb}: {text}");
    }
    assert_eq!(say(folder, &["workflows", "cancel", id]).await.0, Some(0));
    let (code, _, error) = say(folder, &["run", "tolk"]).await;
    assert!(code == Some(5) && error.contains("did you mean"), "{error}");
    let (code, _, error) = say(folder, &["workflows", "answer", id, "pro"]).await;
    assert!(code == Some(5) && error.contains("asks nothing"), "{error}");
}

#[tokio::test]
async fn without_a_server_a_run_brings_its_own_and_says_how_it_failed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    drop(server(folder).await);
    let (code, text, error) = say(folder, &["run", "slip"]).await;
    assert_eq!(code, Some(1), "{text}{error}");
    assert!(
        error.contains("is failed: ") && error.contains("callboard workflows retry"),
        "{error}"
    );
}
