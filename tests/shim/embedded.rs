//! `callboard spawn` without a server, which brings its own.

use super::house::{House, lines, until};
use serde_json::{Value, json};
use std::process::{Command, Stdio};

fn spawn(house: &House, arguments: &[&str]) -> Command {
    let mut command = house.command(env!("CARGO_BIN_EXE_callboard").as_ref());
    command.arg("spawn").args(arguments).stdin(Stdio::null());
    command
}

#[tokio::test]
async fn an_answer_is_printed_as_the_program_gives_it() {
    let house = House::new();
    let output = spawn(&house, &["--runtime", "count", "--model", "5", "go"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), lines(5), "{output:?}");
    assert!(output.status.success());
    house.is_empty().await;
}

#[tokio::test]
async fn what_a_killed_spawn_has_begun_is_finished_and_taken_up() {
    let house = House::new();
    let mut child = spawn(&house, &["--runtime", "count", "--model", "100", "go"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    until("its first lines", || async { (house.runs() == 1).then_some(()) }).await;
    child.kill().unwrap();
    child.wait().unwrap();
    let server = house.serve().await;
    let list = server.get("/processes").await;
    let process = list["items"][0]["id"].as_str().expect("one process").to_owned();
    let row: Value = server.wait_for(&process, "COMPLETED").await;
    assert_eq!((&row["attempt"], house.runs()), (&json!(1), 1), "{row}");
    assert_eq!(server.content(&process).await, lines(100));
    server.terminate().await;
}
