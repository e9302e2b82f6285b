//! Workspaces from outside, with the real binary: agents write files, the server is killed, all is undone; forks take the
//! files along.

use crate::support::{Server, is_problem, until};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const CODE: &str = r#"
name: code
input: { type: object, properties: { folder: { type: string } } }
workspace: "{{ input.folder }}"
state: { said: {} }
start: begin
nodes:
  begin: { agent: { profile: coder, prompt: "begin the program", tools: [write_file] }, write: { said: output } }
  goon:
    agent: { profile: coder, prompt: "mend the program", tools: [edit_file, delete_file, move_file, read_file] }
    write: { said: output }
edges:
  - { from: begin, to: goon }
"#;

/// So many files are written by one answer.
const MANY: usize = 30;

fn script() -> String {
    let mut script = "name: code\nanswers:\n".to_owned();
    let calls = |script: &mut String, prompt: &str, calls: &[Value]| {
        let (before, after) = (
            json!({ "prompt_contains": prompt, "has_tool_results": false }),
            json!({ "prompt_contains": prompt, "has_tool_results": true }),
        );
        writeln!(script, "  - {{ match: {before}, tool_calls: {} }}", json!(calls)).unwrap();
        writeln!(script, "  - {{ match: {after}, answer: done }}").unwrap();
    };
    let writes = (0..MANY).map(|n| {
        json!({ "name": "write_file", "arguments": { "path": format!("src/{n}.txt"), "content": format!("file {n}\n") } })
    });
    calls(&mut script, "begin the program", &writes.collect::<Vec<_>>());
    let edit = json!({ "name": "edit_file", "arguments": { "path": "src/1.txt", "old": "file", "new": "mended" } });
    let delete = json!({ "name": "delete_file", "arguments": { "path": "keep.txt" } });
    let shift =
        json!({ "name": "move_file", "arguments": { "from": "run.sh", "to": "bin/run.sh" } });
    let out = json!({ "name": "read_file", "arguments": { "path": "../home/token" } });
    calls(&mut script, "mend the program", &[edit, delete, shift, out]);
    script
}

/// A home, a project beside it, and what is played.
struct House {
    folder: TempDir,
}

impl House {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (replay, project) = (folder.path().join("replay"), folder.path().join("project"));
        fs::create_dir_all(&replay).unwrap();
        fs::create_dir_all(&project).unwrap();
        // Before those of all tests.
        fs::write(replay.join("a-code.yaml"), script()).unwrap();
        fs::write(project.join("keep.txt"), "keep\n").unwrap();
        fs::write(project.join("run.sh"), "#!/bin/sh\n").unwrap();
        fs::set_permissions(project.join("run.sh"), fs::Permissions::from_mode(0o750)).unwrap();
        Self { folder }
    }

    fn project(&self) -> PathBuf {
        self.folder.path().join("project")
    }

    async fn serve(&self) -> Server {
        let home = self.folder.path().join("home");
        let server = Server::start(self.folder.path(), &home, &[]).await;
        let put = server.ask(reqwest::Method::PUT, "/definitions/code").body(CODE);
        assert_eq!(put.send().await.unwrap().status(), StatusCode::OK);
        server
    }
}

type Picture = BTreeMap<String, (u32, String)>;

fn picture(folder: &Path) -> Picture {
    let mut all = BTreeMap::new();
    let mut todo = vec![folder.to_owned()];
    while let Some(next) = todo.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let mode = fs::symlink_metadata(&path).unwrap().permissions().mode();
            let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
            let content =
                if path.is_dir() { String::new() } else { fs::read_to_string(&path).unwrap() };
            if path.is_dir() {
                todo.push(path);
            }
            all.insert(name, (mode, content));
        }
    }
    all
}

async fn begin(server: &Server, folder: &str) -> String {
    let body = json!({ "type": "code", "params": { "folder": folder } });
    let (status, receipt) = server.post("/workflows", body).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{receipt}");
    receipt["workflow_id"].as_str().unwrap().to_owned()
}

async fn ended(server: &Server, id: &str) -> Value {
    let path = format!("/workflows/{id}");
    until("the workflow's end", || async {
        let (_, workflow) = server.get(&path).await;
        ["completed", "failed"].iter().any(|end| workflow["status"] == *end).then_some(workflow)
    })
    .await
}

async fn changes(server: &Server, id: &str) -> Vec<Value> {
    let (_, page) = server.get(&format!("/workflows/{id}/files?limit=500")).await;
    page["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_killed_server_makes_each_change_once_and_all_of_it_can_be_undone() {
    let house = House::new();
    let project = house.project();
    let before = picture(&project);
    let mut server = house.serve().await;
    let id = begin(&server, "project").await;
    for least in [3, 11, 19, 27] {
        until("some changes", || async {
            (changes(&server, &id).await.len() >= least).then_some(())
        })
        .await;
        drop(server);
        server = house.serve().await;
    }
    let workflow = ended(&server, &id).await;
    assert_eq!(workflow["status"], "completed", "{workflow}");
    let made = changes(&server, &id).await;
    assert_eq!(made.len(), MANY + 3, "{made:#?}");
    assert!(made.iter().all(|change| change["status"] == "done"), "{made:#?}");
    let after = picture(&project);
    assert_eq!(after["src/1.txt"].1, "mended 1\n");
    assert_eq!(after["bin/run.sh"].0, before["run.sh"].0);
    assert_eq!(after.len(), MANY + 3, "{:?}", after.keys());
    let (_, page) = server.get(&format!("/workflows/{id}/files?path=src/1.txt")).await;
    let diff = page["items"][1]["diff"].as_str().unwrap();
    assert!(diff.contains("-file 1\n+mended 1\n"), "{diff}");
    let said = server.said("claude.workspace.changed").await;
    assert_eq!(said.len(), MANY + 3);

    let undo = format!("/workflows/{id}/undo");
    fs::write(project.join("src/2.txt"), "somebody's").unwrap();
    is_problem(&server.post(&undo, json!({})).await, 409, &["src/2.txt", "force"]);
    let (status, undone) = server.post(&undo, json!({ "to_step": 2 })).await;
    assert_eq!(
        (status, undone["undone"].as_array().unwrap().len()),
        (StatusCode::OK, 4),
        "{undone}"
    );
    let (status, _) = server.post(&undo, json!({ "force": true })).await;
    assert_eq!((status, picture(&project)), (StatusCode::OK, before));
    // The undo is undone: also what somebody else had made is there again.
    let (status, _) = server.post(&undo, json!({ "to_change": MANY + 3 })).await;
    assert_eq!(status, StatusCode::OK);
    let mut back = after;
    back.get_mut("src/2.txt").unwrap().1 = "somebody's".into();
    assert_eq!(picture(&project), back);
}

#[tokio::test]
async fn a_fork_takes_its_files_along_and_a_replay_needs_none() {
    let house = House::new();
    let server = house.serve().await;
    let id = begin(&server, "project").await;
    ended(&server, &id).await;
    let source = picture(&house.project());
    let body = json!({ "checkpoint": 2, "workflow_id": "fork" });
    let (status, receipt) = server.post(&format!("/workflows/{id}/fork"), body).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{receipt}");
    assert_eq!(ended(&server, "fork").await["status"], "completed");
    let own = house.folder.path().join("home/workspaces/fork");
    assert_eq!(picture(&own), source, "it has mended the files of then in the same way");
    assert_eq!(changes(&server, "fork").await.len(), 3);
    assert_eq!(picture(&house.project()), source);
    let within = json!({ "workspace": house.project().join("x") });
    is_problem(&server.post(&format!("/workflows/{id}/fork"), within).await, 422, &["lies within"]);
    let body = json!({ "workflow_id": "again" });
    let (status, receipt) = server.post(&format!("/workflows/{id}/replay"), body).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{receipt}");
    assert_eq!(ended(&server, "again").await["status"], "completed");
    assert_eq!(picture(&house.project()), source);
    assert_eq!(picture(&house.folder.path().join("home/workspaces/again")), BTreeMap::new());
}

#[tokio::test]
async fn a_folder_that_may_be_none_is_refused_with_what_to_do() {
    let house = House::new();
    let server = house.serve().await;
    for (folder, words) in [
        ("/etc", "[workspaces] roots"),
        ("..", "[workspaces] roots"),
        ("project/../../x", "[workspaces] roots"),
        ("home", "Callboard's home"),
        ("home/state", "Callboard's home"),
        ("home/workspaces", "Callboard's home"),
        ("project/keep.txt", "no folder"),
    ] {
        let body = json!({ "type": "code", "params": { "folder": folder } });
        is_problem(&server.post("/workflows", body).await, 422, &[words]);
    }
    let id = begin(&server, "new/folder").await;
    assert_eq!(ended(&server, &id).await["status"], "completed");
    let made = fs::metadata(house.folder.path().join("new/folder")).unwrap();
    assert_eq!(made.permissions().mode() & 0o777, 0o700);
    let id = begin(&server, "").await;
    ended(&server, &id).await;
    is_problem(
        &server.post(&format!("/workflows/{id}/undo"), json!({})).await,
        422,
        &["no workspace"],
    );
}
