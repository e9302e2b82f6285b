//! The real binary in an empty folder: each workflow that ships runs from the command line, without a key and without
//! a network; and goes on where it was when its server is killed, with nothing said twice.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Server, until};

/// What a command answers, on stdout, as text.
fn run(arguments: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_callboard"));
    let ended = command.args(arguments).current_dir(folder.path()).env_clear().output().unwrap();
    let complaints = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{arguments:?}: {complaints}");
    String::from_utf8(ended.stdout).unwrap()
}

#[test]
fn a_debate_runs_and_can_be_read() {
    let text = run(&["run", "debate", "topic=Is AI consciousness possible?"]);
    for line in
        ["winner\nAda\n", "— Ada, opus, opening statement, for\n\nI hold that a machine can"]
    {
        assert!(text.contains(line), "{line:?} is missing in:\n{text}");
    }
    assert_eq!(text.matches("\n— ").count(), 8, "{text}");
}

#[test]
fn the_others_run_and_say_that_no_model_has_spoken() {
    let report = run(&["run", "analysis", "topic=Tea or coffee?"]);
    assert!(report.contains("report\n# Tea or coffee?\n\n**Scripted: no model"), "{report}");
    let poster = run(&["run", "collaboration", "task=A poster"]);
    assert!(poster.contains("result\n# A poster\n\n**Scripted: no model"), "{poster}");
    let lesson = run(&["run", "teaching", "topic=How to say hello"]);
    assert!(lesson.contains("attempts\n2\n") && lesson.contains("met\ntrue\n"), "{lesson}");
}

/// Runs a workflow whose server is killed when so many processes are done, and gives what it answers.
async fn killed(name: &str, params: Value, after: usize, processes: usize) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let server = start(folder.path(), &home).await;
    let (status, receipt) =
        server.post("/workflows", json!({ "type": name, "params": params })).await;
    assert_eq!(status, 202, "{receipt}");
    let path = format!("/workflows/{}", receipt["workflow_id"].as_str().unwrap());
    let (client, path) = (&server, path.as_str());
    until("some processes", || async move {
        (client.said("claude.spawn.complete").await.len() >= after).then_some(())
    })
    .await;
    let (_, row) = server.get(path).await;
    assert_eq!(row["status"], "running", "killed in the middle: {row}");
    drop(server);

    let server = start(folder.path(), &home).await;
    let client = &server;
    let row = until("the workflow's end", || async move {
        let (_, row) = client.get(path).await;
        (row["status"] != "running").then_some(row)
    });
    let row = row.await;
    assert_eq!(row["status"], "completed", "{row}");
    assert_eq!(server.said("claude.spawn.request").await.len(), processes);
    assert_eq!(server.said("claude.spawn.complete").await.len(), processes);
    assert_eq!(asked(&home).len(), processes, "each was asked for once, and answered once");
    row["output"].clone()
}

pub(super) async fn start(folder: &Path, home: &Path) -> Server {
    let shipped = ("CALLBOARD_RUNTIMES__REPLAY__FOLDER", "/nowhere/at/all");
    Server::start(folder, home, &[shipped]).await
}

/// The prompts that were answered, of all sessions.
fn asked(home: &Path) -> BTreeSet<String> {
    let files = fs::read_dir(home.join("claude_logs")).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| !path.ends_with("latest.jsonl"));
    let texts: Vec<String> = files.map(|path| fs::read_to_string(path).unwrap()).collect();
    let lines: Vec<Value> = texts
        .iter()
        .flat_map(|text| text.lines())
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    // A turn that is told what its calls came to has no prompt, but a conversation.
    let prompt = |line: &Value| match line["prompt"].as_str().unwrap() {
        "" => line["session_id"].to_string(),
        prompt => prompt.to_owned(),
    };
    let prompts: BTreeSet<_> = lines.iter().map(prompt).collect();
    assert_eq!(prompts.len(), lines.len(), "something was answered twice");
    prompts
}

#[actix_web::test]
async fn a_debate_survives_its_server() {
    let output = killed("debate", json!({ "topic": "Is AI consciousness possible?" }), 3, 9).await;
    assert_eq!(output["winner"], "Ada");
    let said: Vec<_> = output["statements"].as_array().unwrap().iter().collect();
    let ids: Vec<_> = said.iter().map(|it| it["id"].as_str().unwrap()).collect();
    let phases = ["opening", "rebuttal 1", "rebuttal 2", "closing"];
    let of = |phase| ["Ada", "Ben"].map(|name| format!("1/{phase}/{name}"));
    assert_eq!(ids, phases.into_iter().flat_map(of).collect::<Vec<_>>());
}

#[actix_web::test]
async fn an_analysis_survives_its_server() {
    let output = killed("analysis", json!({ "topic": "Tea or coffee?" }), 2, 6).await;
    assert_eq!(output["findings"].as_array().unwrap().len(), 3);
}

#[actix_web::test]
async fn a_collaboration_survives_its_server() {
    let output = killed("collaboration", json!({ "task": "A poster" }), 4, 14).await;
    assert_eq!((&output["rounds"], output["work"].as_array().unwrap().len()), (&json!(2), 3));
    assert_eq!(output["messages"].as_array().unwrap().len(), 3);
}

#[actix_web::test]
async fn a_lesson_survives_its_server() {
    let output = killed("teaching", json!({ "topic": "Recursion" }), 4, 9).await;
    assert_eq!((&output["met"], &output["attempts"]), (&json!(true), &json!(2)));
}
