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

pub(super) async fn server(folder: &Path) -> Server {
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
    let server = server(folder).await;
    let (_, page) = server.get("/workflows").await;
    let id = page["items"][0]["id"].as_str().unwrap();
    let (_, history, _) = say(folder, &["workflows", "history", id]).await;
    assert!(history.contains("run 1  not finished"), "{history}");
}

#[tokio::test]
async fn a_workflow_is_forked_replayed_and_compared() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let server = server(folder).await;
    let (_, id, _) = say(folder, &["run", "talk", "topic=tea", "--detach"]).await;
    let id = id.trim();
    let asked = || async {
        let (_, page) = server.get("/workflows?status=interrupted").await;
        page["items"][0]["id"].as_str().map(str::to_owned)
    };
    until("the question", asked).await;
    assert_eq!(say(folder, &["workflows", "answer", id, "pro"]).await.0, Some(0));

    let words = ["fork", id, "--checkpoint", "3", "--set", "count=7", "--id", "other"];
    let mut command = callboard(folder, &words);
    let fork = tokio::task::spawn_blocking(move || command.output().unwrap());
    until("the fork's question", asked).await;
    assert_eq!(say(folder, &["workflows", "answer", "other", "con"]).await.0, Some(0));
    let Output { status, stdout, .. } = fork.await.unwrap();
    let text = String::from_utf8(stdout).unwrap();
    assert_eq!(status.code(), Some(0), "{text}");
    for line in
        [&format!("other  run 1, forked from {id} at checkpoint 3"), "count\n7", "verdict\ncon"]
    {
        assert!(text.contains(line), "{line:?} is missing in\n{text}");
    }
    let (code, text, _) = say(folder, &["replay", id, "--id", "again"]).await;
    assert!(code == Some(0) && text.contains("completed: 0 turns, "), "{text}");
    let (_, text, _) = say(folder, &["compare", id, "again"]).await;
    assert!(text.contains("they share checkpoint 1; nothing differs"), "{text}");
    let (_, text, _) = say(folder, &["compare", id, "other"]).await;
    let edited =
        "they share checkpoint 3; their states differ at checkpoint 3\n  count\n    a  1\n    b  7";
    assert!(text.contains(edited) && text.contains("\n  4  ≠  ask"), "{text}");
    let (_, text, _) = say(folder, &["workflows", "history", "other"]).await;
    assert!(text.contains(&format!("  of {id} at checkpoint 3\n    count ← 7")), "{text}");
    let (code, _, error) = say(folder, &["fork", id, "--next", "asc,pro"]).await;
    assert!(code == Some(5) && error.contains("did you mean \"ask\""), "{error}");
    let (code, text, _) = say(folder, &["fork", id, "--detach", "--json"]).await;
    assert!(code == Some(0) && text.contains("\"forked_from\""), "{text}");
}

/// What stands on the page about workflows under "Time travel": its definition, and its commands.
fn time_travel() -> (&'static str, Vec<Vec<&'static str>>) {
    let page = include_str!("../../../docs/WORKFLOWS.md");
    let section = page.split("\n## Time travel").nth(1).unwrap().split("\n## ").next().unwrap();
    let block = |kind: &str| {
        let begin = format!("```{kind}\n");
        section.split(&begin).nth(1).unwrap().split("```").next().unwrap()
    };
    let commands = block("sh").lines().map(|line| {
        let said = line.split('#').next().unwrap();
        said.split_whitespace().skip_while(|word| *word == "callboard").collect()
    });
    (block("yaml"), commands.collect())
}

#[tokio::test]
async fn the_commands_of_the_page_do_what_they_say() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (definition, commands) = time_travel();
    std::fs::create_dir_all(folder.join("workflows")).unwrap();
    std::fs::write(folder.join("workflows/verdict.yaml"), definition).unwrap();
    let server = server(folder).await;
    assert!(commands.len() >= 7, "{commands:?}");
    for words in commands {
        let (code, text, error) = say(folder, &words).await;
        assert_eq!(code, Some(0), "{words:?}: {text}{error}");
    }
    for (id, outcome, turns) in [
        ("first", "sent back", 1),
        ("second", "approved", 0),
        ("third", "sent back", 1),
        ("fourth", "sent back", 1),
        ("again", "sent back", 0),
    ] {
        let (_, workflow) = server.get(&format!("/workflows/{id}")).await;
        let told = (&workflow["output"]["outcome"], &workflow["metrics"]["turns"]);
        assert_eq!(told, (&json!(outcome), &json!(turns)), "{id}: {workflow}");
    }
    let (_, asked) = server.get("/processes").await;
    let models: Vec<_> =
        asked["items"].as_array().unwrap().iter().map(|process| &process["model"]).collect();
    assert_eq!(models.iter().filter(|model| **model == "opus").count(), 1, "{models:?}");
}
