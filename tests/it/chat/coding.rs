//! The coding team, talked with: its tools, its files with their differences, its costs, through a kill of its server.

use super::kit::{Talk, reach};
use crate::support::Server;
use serde_json::{Value, json};
use std::path::Path;

async fn start(folder: &Path) -> Server {
    // What ships is in the program.
    let variables = [("CALLBOARD_RUNTIMES__REPLAY__FOLDER", "/nowhere/at/all")];
    Server::start(folder, &folder.join("home"), &variables).await
}

fn of<'a>(talk: &'a Talk, op: &str) -> Vec<&'a Value> {
    talk.frames.iter().filter(|frame| frame["op"] == op).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[actix_web::test]
async fn a_wish_is_heard_becoming_software() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = start(folder.path()).await;
    let mut talk = Talk::open(&server, json!({})).await;
    assert_eq!(
        (&talk.opened["workflow"], &talk.opened["text_input"]),
        (&json!("autoagent"), &json!("task"))
    );
    assert_eq!(talk.opened["workspace_inputs"], json!(["workspace"]));
    let params = json!({ "workspace": folder.path().join("calc") });
    talk.tell(
        json!({ "op": "message", "id": "m", "text": "Create a calculator app", "params": params }),
    )
    .await;
    talk.until_op("file_change").await;
    drop(server);
    server = start(folder.path()).await;
    talk.reopen(&server).await;
    let ended = talk.end().await;
    assert_eq!(ended["status"], "completed", "{ended}");
    assert_eq!(ended["output"]["final_result"]["accepted"], true, "{ended}");

    let mut whole = Talk::open(&server, json!({ "workflow_id": talk.id() })).await;
    whole.end().await;
    assert_eq!(talk.frames, whole.frames);
    assert_eq!(talk.words, whole.words);
    assert_eq!(of(&talk, "cost").len(), 16, "so many turns the script has");
    let (calls, results) = (of(&talk, "tool_call"), of(&talk, "tool_result"));
    assert_eq!(calls.len(), results.len());
    let key = |frame: &Value| format!("{} {} {}", frame["path"], frame["turn"], frame["index"]);
    assert!(calls.iter().all(|call| results.iter().any(|result| key(call) == key(result))));
    let is_of = |path: &str| calls.iter().any(|call| text(&call["path"]).starts_with(path));
    assert!(is_of("plan") && is_of("research/") && is_of("codesmith/"), "{calls:?}");
    let files: Vec<&Value> = of(&talk, "file_change")
        .into_iter()
        .flat_map(|change| change["files"].as_array().unwrap())
        .collect();
    let made = files.iter().find(|file| file["path"] == "src/parse.rs").expect("it was written");
    assert!(made["before"].is_null() && text(&made["diff"]).contains("\n+"), "{made}");
    let mended =
        files.iter().find(|file| file["path"] == "src/parse.rs" && !file["before"].is_null());
    let diff = text(&mended.expect("it was mended")["diff"]);
    assert!(
        diff.starts_with("--- a/src/parse.rs\n+++ b/src/parse.rs\n@@") && diff.contains("\n-"),
        "{diff}"
    );
    let nodes: Vec<&str> = of(&talk, "node").iter().map(|node| text(&node["path"])).collect();
    assert!(
        nodes.contains(&"reviewfix") && nodes.iter().any(|path| path.starts_with("reviewfix/")),
        "{nodes:?}"
    );

    // What is taken back is heard by whoever listens.
    let path = format!("/workflows/{}/undo", talk.id());
    assert_eq!(server.post(&path, json!({})).await.0, 200);
    let undone = whole.until_op("file_change").await;
    assert_eq!((&undone["tool"], &undone["path"]), (&json!("undo"), &json!("api")), "{undone}");
    reach(&server, &talk.id(), "completed").await;
}
