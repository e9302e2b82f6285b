//! `examples/chat.mjs`, what authors of editor extensions begin with, against the real server.

use super::kit::{fits, server};
use crate::support::until;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Node, if it is there and new enough.
fn node() -> Option<&'static str> {
    let answer = Command::new("node").arg("--version").output().ok()?;
    let version = String::from_utf8(answer.stdout).ok()?;
    let major: u32 = version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()?;
    (major >= 18).then_some("node")
}

/// The client, with these words; what it hears goes into the file.
fn client(node: &str, home: &Path, heard: &Path, words: &[&str]) -> Child {
    let program = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples/chat.mjs");
    let mut command = Command::new(node);
    command.arg(program).arg("--home").arg(home).args(words).stdin(Stdio::null());
    command.stdout(std::fs::File::create(heard).unwrap()).spawn().unwrap()
}

fn frames(heard: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(heard).unwrap();
    // The last line may be half written.
    text.lines().map_while(|line| serde_json::from_str(line).ok()).collect()
}

#[tokio::test]
async fn the_example_talks_answers_and_comes_back_after_a_kill() {
    let Some(node) = node() else {
        return eprintln!("skipped: there is no node (18 or newer) to run examples/chat.mjs");
    };
    let folder = tempfile::tempdir().unwrap();
    let (home, heard) = (folder.path().join("home"), folder.path().join("heard"));
    let mut at = server(folder.path()).await;
    let words = ["--workflow", "talk", "--param", "place=there", "--answer", "con", "drip"];
    let mut child = client(node, &home, &heard, &words);
    until("some words", || async {
        let words = frames(&heard).into_iter().filter(|frame| frame["op"] == "token");
        (words.count() > 3).then_some(())
    })
    .await;
    drop(at);
    at = server(folder.path()).await;
    let ended = until("the client's end", || {
        let ended = child.try_wait().unwrap();
        async move { ended }
    });
    assert!(ended.await.success());
    drop(at);
    let frames = frames(&heard);
    for frame in &frames {
        fits("server", frame).unwrap_or_else(|error| panic!("{error}: {frame}"));
    }
    let positions: Vec<u64> =
        frames.iter().filter_map(|frame| frame["position"].as_u64()).collect();
    assert!(positions.is_sorted_by(|a, b| a < b), "{positions:?}");
    // What is told does not wait for what is answered: `accepted` may come behind it.
    let end = frames.iter().rfind(|frame| frame["op"] == "run_ended").unwrap();
    assert_eq!(
        (&end["output"]["verdict"], &end["output"]["place"]),
        (&json!("con"), &json!("there"))
    );
    assert_eq!(frames.iter().filter(|frame| frame["op"] == "opened").count(), 2);
}
