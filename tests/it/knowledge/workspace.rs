//! The tools of knowing in a workspace: what is read there, what is written, and what is not.

use super::kit::{RULES, call, call_in};
use crate::support::TestApp;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

/// An app with a folder that agents may work in.
fn house() -> (TestApp, TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let work = folder.path().canonicalize().unwrap().join("work");
    fs::create_dir(&work).unwrap();
    let root = work.clone();
    let app = TestApp::with(|settings| {
        settings.rules.file = RULES.into();
        settings.workspaces.roots = vec![root];
    });
    (app, folder, work)
}

#[tokio::test]
async fn code_that_does_not_parse_is_not_written_unless_that_is_said() {
    let (app, _folder, work) = house();
    let broken = json!({ "path": "a.py", "content": "def f():\n    return (1,\n" });
    let error = call_in(&app, &work, "write_file", broken.clone()).await.unwrap_err();
    assert!(
        error.contains("a.py was not written: it would not parse as python: line ")
            && error.contains(", column "),
        "{error}"
    );
    assert!(!work.join("a.py").exists());
    let mut allowed = broken;
    allowed["allow_invalid_syntax"] = json!(true);
    let written = call_in(&app, &work, "write_file", allowed).await.unwrap();
    assert_eq!(
        (&written["syntax"]["parses"], &written["syntax"]["allowed"]),
        (&json!(false), &json!(true))
    );
    let mended = json!({ "path": "a.py", "old": "(1,", "new": "(1, 2)" });
    let mended = call_in(&app, &work, "edit_file", mended).await.unwrap();
    assert_eq!(mended["syntax"]["parses"], true, "{mended}");
    let worse = json!({ "path": "a.py", "old": "(1, 2)", "new": "(1, 2" });
    let error = call_in(&app, &work, "edit_file", worse).await.unwrap_err();
    assert!(error.contains("would not parse as python"), "{error}");
    assert_eq!(fs::read_to_string(work.join("a.py")).unwrap(), "def f():\n    return (1, 2)\n");
    let data = json!({ "path": "a.toml", "content": "][" });
    let written = call_in(&app, &work, "write_file", data).await.unwrap();
    assert_eq!(written["syntax"]["why"], "its language is not known");
}

#[tokio::test]
async fn files_and_folders_of_the_workspace_are_understood_and_nothing_beside_it() {
    let (app, folder, work) = house();
    fs::write(folder.path().join("secret.py"), "x = 1\n").unwrap();
    std::os::unix::fs::symlink("../secret.py", work.join("link.py")).unwrap();
    fs::create_dir_all(work.join("src")).unwrap();
    fs::create_dir(work.join(".git")).unwrap();
    fs::write(work.join(".gitignore"), "out/\n").unwrap();
    fs::create_dir(work.join("out")).unwrap();
    fs::write(work.join("out/gone.py"), "z = 1\n").unwrap();
    fs::write(work.join("src/a.py"), "import os\nimport src.b\n\ndef f(x):\n    return eval(x)\n")
        .unwrap();
    fs::write(work.join("src/b.py"), "def g(:\n").unwrap();
    let parsed = call_in(&app, &work, "parse_code", json!({ "path": "src/a.py" })).await.unwrap();
    assert_eq!(parsed["symbols"]["items"][0]["name"], "f");
    for path in ["../secret.py", "link.py", "/etc/passwd.py"] {
        let read = call_in(&app, &work, "parse_code", json!({ "path": path })).await;
        assert!(read.is_err(), "{path}: {read:?}");
    }
    let summary = call_in(&app, &work, "analyze_codebase", json!({})).await.unwrap();
    assert_eq!(
        (&summary["files"], &summary["do_not_parse"]),
        (&json!(2), &json!(["src/b.py"])),
        "{summary}"
    );
    assert_eq!(summary["external"][0], json!({ "package": "os", "files": 1 }));
    assert_eq!(summary["worst_issues"][0]["id"], "python/eval");
    let files = json!({ "detail": "files", "most": 1 });
    let files = call_in(&app, &work, "analyze_codebase", files).await.unwrap();
    assert_eq!(
        (&files["items"][0]["path"], &files["next"], &files["total"]),
        (&json!("src/a.py"), &json!(1), &json!(2))
    );
    let beside = call_in(&app, &work, "analyze_codebase", json!({ "path": ".." })).await;
    assert!(beside.is_err(), "{beside:?}");
}

#[tokio::test]
async fn a_workspace_has_a_memory_of_its_own() {
    let (app, _folder, work) = house();
    let stored =
        call_in(&app, &work, "memory_store", json!({ "text": "the door is green" })).await.unwrap();
    assert_eq!(stored["where"], "workspace");
    assert!(work.join(".callboard/memory/memory.db").exists());
    let query = json!({ "query": "door" });
    let found = call_in(&app, &work, "memory_search", query.clone()).await.unwrap();
    assert_eq!(found["hits"].as_array().unwrap().len(), 1);
    assert_eq!(call(&app, "memory_search", query).await.unwrap()["hits"], json!([]));
}

#[tokio::test]
async fn decisions_are_numbered_and_say_what_took_their_place() {
    let (app, _folder, work) = house();
    let first = json!({ "title": "Use SQLite", "context": "A store.", "decision": "SQLite." });
    let written = call_in(&app, &work, "write_adr", first).await.unwrap();
    assert_eq!(
        (&written["path"], &written["created"]),
        (&json!("docs/adr/0001-use-sqlite.md"), &json!(true))
    );
    let second = json!({ "title": "Use Postgres", "context": "It grew.", "decision": "Postgres.", "supersedes": 1 });
    let written: Value = call_in(&app, &work, "write_adr", second.clone()).await.unwrap();
    assert_eq!(written["files"].as_array().unwrap().len(), 2, "{written}");
    let old = fs::read_to_string(work.join("docs/adr/0001-use-sqlite.md")).unwrap();
    assert!(old.starts_with("---\nstatus: superseded by ADR 0002\n"), "{old}");
    let new = fs::read_to_string(work.join("docs/adr/0002-use-postgres.md")).unwrap();
    assert!(new.contains("# 0002. Use Postgres") && new.contains("Supersedes ADR 0001."), "{new}");
    let mut nowhere = second;
    nowhere["supersedes"] = json!(9);
    assert!(
        call_in(&app, &work, "write_adr", nowhere).await.unwrap_err().contains("no decision 0009")
    );
    assert_eq!(fs::read_dir(work.join("docs/adr")).unwrap().count(), 2);
}

#[tokio::test]
async fn what_the_code_declares_becomes_a_document() {
    let (app, _folder, work) = house();
    fs::write(work.join("store.rs"), "/// Keeps things.\npub struct Store;\n\nimpl Store {\n    /// One of them.\n    pub fn get(&self) -> u8 { 1 }\n    fn own(&self) {}\n}\n").unwrap();
    let order = json!({ "title": "Store API", "words": { "Store::get": "Never fails.", "store.rs": "The only file." } });
    let written = call_in(&app, &work, "write_api_docs", order).await.unwrap();
    assert_eq!(
        (&written["path"], &written["symbols"]),
        (&json!("docs/API.md"), &json!(2)),
        "{written}"
    );
    insta::assert_snapshot!(fs::read_to_string(work.join("docs/API.md")).unwrap());
}
