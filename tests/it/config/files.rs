//! Files that change under a running server: a good change is taken up, a bad one is told and left alone.

use crate::support::{Server, until};
use serde_json::{Value, json};
use std::fs;
use tempfile::TempDir;

const FILE: &str = "config/callboard.toml";

/// A server in a folder with this settings file.
async fn served(text: &str) -> (TempDir, Server) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("config")).unwrap();
    fs::write(folder.path().join(FILE), text).unwrap();
    let server = Server::start(folder.path(), &folder.path().join("home"), &[]).await;
    (folder, server)
}

async fn warning(server: &Server, words: &str) -> Value {
    until(words, || async {
        let (_, health) = server.get("/health").await;
        let warnings = health["warnings"].as_array().cloned().unwrap_or_default();
        assert_eq!(health["status"], "healthy");
        warnings.into_iter().find(|warning| warning["error"].as_str().unwrap().contains(words))
    })
    .await
}

async fn setting(server: &Server, key: &str, value: Value) {
    until(key, || async {
        let (_, shown) = server.get(&format!("/config/{key}")).await;
        (shown["value"] == value).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_changed_file_is_taken_up_a_bad_one_is_told_and_the_old_stays_in_force() {
    let (folder, server) = served("[processes]\ndefault_model = \"first\"\n").await;
    let write = |text: &str| fs::write(folder.path().join(FILE), text).unwrap();
    write("[processes]\ndefault_model = \"second\"\nmax_retries = 5\n");
    setting(&server, "processes.default_model", json!("second")).await;
    let id = server.spawn("by file").await;
    let row = server.wait_for(&id, "COMPLETED").await;
    assert_eq!((&row["model"], &row["max_retries"]), (&json!("second"), &json!(5)));
    let said = server.said("claude.system.config_change").await;
    let model =
        json!({ "key": "processes.default_model", "old": "first", "new": "second", "by": "file" });
    assert!(said.len() == 2 && said.contains(&model), "{said:?}");

    write("[processes]\ndefault_model = \"third\"\n\nmax_retris = 5\n");
    let text = format!("{FILE}:4:1: unknown setting `max_retris`; did you mean `max_retries`?");
    let told = warning(&server, &text).await;
    assert!(told["error"].as_str().unwrap().contains("stays so"), "{told}");
    assert!(server.log().contains("max_retris"), "{}", server.log());
    setting(&server, "processes.default_model", json!("second")).await;
    let errors = until("the message", || async {
        Some(server.said("claude.system.error").await).filter(|errors| !errors.is_empty())
    })
    .await;
    assert_eq!(errors.len(), 1, "{errors:?}");

    // Settings may be set all the same: the file that is in force counts.
    server.set("processes.max_retries", json!(8)).await;
    write("[processes]\ndefault_model = \"fourth\"\nmax_retries = 6\n");
    setting(&server, "processes.default_model", json!("fourth")).await;
    setting(&server, "processes.max_retries", json!(8)).await;
    let (_, health) = server.get("/health").await;
    assert!(health["warnings"].is_null(), "{health}");
    server.unset("processes.max_retries").await;
    setting(&server, "processes.max_retries", json!(6)).await;
}

#[tokio::test]
async fn a_changed_script_is_played_and_a_bad_one_is_not() {
    let (folder, server) = served("").await;
    let script = folder.path().join("replay/answers.yaml");
    let answer = |text: &str| format!("name: n\nanswers:\n  - answer: {text}\n");
    let played = async |expected: &str| {
        until(expected, || async {
            let id = server.spawn("which").await;
            server.wait_for(&id, "COMPLETED").await;
            let (_, turn) = server.get(&format!("/processes/{id}/response")).await;
            (turn["content"] == expected).then_some(())
        })
        .await;
    };
    fs::write(&script, answer("changed")).unwrap();
    played("changed").await;
    let said = server.said("claude.system.config_change").await;
    assert!(said[0]["files"][0].as_str().unwrap().ends_with("answers.yaml"), "{said:?}");
    fs::write(&script, "name: n\nanswers:\n  - awnser: x\n").unwrap();
    let told = warning(&server, "answers.yaml:3").await;
    assert!(told["error"].as_str().unwrap().contains("awnser"), "{told}");
    played("changed").await;
    fs::write(&script, answer("mended")).unwrap();
    played("mended").await;
}

#[tokio::test]
async fn a_level_of_the_log_changes_while_it_is_written() {
    let (_folder, server) = served("").await;
    server.get("/info").await;
    assert!(!server.log().contains("answered"), "{}", server.log());
    server.set("log.level", json!("info,callboard=debug")).await;
    until("a line for each request", || async {
        server.get("/info").await;
        server.log().contains("answered").then_some(())
    })
    .await;
    server.set("log.level", json!("warn")).await;
    server.get("/info").await;
    let length = server.log().len();
    server.get("/info").await;
    assert_eq!(server.log().len(), length);
}
