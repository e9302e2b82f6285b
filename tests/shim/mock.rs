//! The provider's mock, and how often it was asked.

use super::server::{Server, tool};
use serde_json::Value;
use std::process::Command;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/shim/fixtures");

/// aimock with the fixtures of these tests; `None`, and a word about it: it is not installed.
pub(crate) fn mock() -> Option<Server> {
    let cli = tool("CALLBOARD_TEST_AIMOCK", "aimock", "aimock 1.43.0")?;
    Some(Server::start(|port| {
        let mut command = Command::new("node");
        command.arg(cli).args(["-p", &port.to_string(), "-f", FIXTURES]);
        command
    }))
}

/// How often the mock was asked something that holds this word.
pub(crate) async fn asked(server: &Server, word: &str) -> usize {
    let journal: Value =
        reqwest::get(server.url("/__aimock/journal")).await.unwrap().json().await.unwrap();
    let entries = journal.as_array().or_else(|| journal["entries"].as_array()).unwrap();
    let is_meant = |entry: &&Value| {
        entry["path"].as_str().is_some_and(|path| path.starts_with("/v1/messages"))
            && last_words(entry).contains(word)
    };
    entries.iter().filter(is_meant).count()
}

/// The last thing that the user said.
fn last_words(entry: &Value) -> String {
    let messages = entry["body"]["messages"].as_array();
    messages.and_then(|messages| messages.last()).map(Value::to_string).unwrap_or_default()
}
