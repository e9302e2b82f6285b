//! A call of the API, streamed slowly, while the server is killed.

use super::house::{House, until};
use super::mock::{asked, mock};
use serde_json::json;
use std::fs;
use std::path::Path;
use std::time::Duration;

const ANSWER: &str = "Slowly it comes, word by word, and it takes its time until it is complete, this \
                      long answer to a short question.";
const KEY: &str = "sk-ant-a-key-nobody-may-see";

#[tokio::test]
async fn an_answer_that_is_being_streamed_when_the_server_is_killed_is_finished_and_asked_for_once()
{
    let Some(mock) = mock() else { return };
    let house = House::new()
        .with("ANTHROPIC_API_KEY", KEY)
        .with("CALLBOARD_RUNTIMES__ANTHROPIC__BASE_URL", mock.url(""));
    let mut server = house.serve().await;
    let body = json!({ "prompt": "a slow-question", "runtime": "anthropic" });
    let process = server.spawn_with(body).await;
    until("the first words", || async {
        (house.file(&process, 1, "stdout").len() > 8).then_some(())
    })
    .await;
    is_secret(&house, &process);
    for pause in [0, 300, 600] {
        server.kill();
        tokio::time::sleep(Duration::from_millis(pause)).await;
        server = house.serve().await;
    }
    let row = server.wait_for(&process, "COMPLETED").await;
    assert_eq!((&row["attempt"], &row["lost_count"]), (&json!(1), &json!(0)), "{row}");
    assert_eq!(server.content(&process).await, ANSWER);
    assert_eq!(house.file(&process, 1, "stdout"), ANSWER);
    assert_eq!(asked(&mock, "slow-question").await, 1);
    server.terminate().await;
    house.is_empty().await;
}

/// The key stands in no argument and no variable of the shim, and in no file.
fn is_secret(house: &House, process: &str) {
    let shim = house.shim(process).unwrap();
    for file in ["cmdline", "environ"] {
        let text = fs::read(format!("/proc/{shim}/{file}")).unwrap();
        assert!(!String::from_utf8_lossy(&text).contains(KEY), "the key stands in {file}");
    }
    no_file_holds(&house.home(), KEY);
}

pub(crate) fn no_file_holds(folder: &Path, key: &str) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            no_file_holds(&path, key);
        } else if let Ok(text) = fs::read(&path) {
            let shown = String::from_utf8_lossy(&text).contains(key);
            assert!(!shown, "the key stands in {}", path.display());
        }
    }
}
