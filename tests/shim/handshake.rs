//! What a shim does with a server that goes, or that comes too late.

use super::house::{House, until};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};

/// A shim of an attempt that no journal knows, by the script; and what it says.
fn shim(house: &House) -> (Child, Value) {
    let mut command = house.command(env!("CARGO_BIN_EXE_callboard").as_ref());
    let mut child = start(command.arg("shim"));
    let assignment = json!({
        "home": house.home(),
        "work": {
            "prompt": "go", "history": [],
            "attempt": {
                "process_id": "p", "number": 1, "runtime": "count", "model": "3",
                "prompt": { "hash": "", "bytes": 2, "file": "prompts/queue/p.txt" },
                "session_id": "s", "agent_id": null, "timeout_s": 60
            }
        },
        "runtime": {
            "record": null,
            "kind": { "cli": {
                "command": house.path().join("script"), "args": ["count", "3", "0"],
                "environment": { "HOME": house.path(), "PATH": "/usr/bin:/bin" }
            } }
        }
    });
    writeln!(child.stdin.as_mut().unwrap(), "{assignment}").unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let said = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error} in {line:?}"));
    (child, said)
}

fn start(command: &mut Command) -> Child {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
}

#[tokio::test]
async fn a_shim_whose_server_goes_before_it_lets_it_go_asks_nobody() {
    let house = House::new();
    fs::create_dir(house.home()).unwrap();
    let (mut first, said) = shim(&house);
    assert_eq!(said["claimed"]["pid"], first.id(), "{said}");
    let (mut second, said) = shim(&house);
    assert_eq!(said, "taken");
    assert!(second.wait().unwrap().success());
    drop(first.stdin.take());
    assert!(first.wait().unwrap().success());
    assert_eq!(house.exit("p", 1), json!({ "how": "not_begun" }));
    assert_eq!((house.runs(), house.file("p", 1, "stdout").as_str()), (0, ""));
}

#[tokio::test]
async fn what_a_shim_has_to_complain_of_stands_in_its_log_and_else_there_is_none() {
    let house = House::new();
    fs::create_dir(house.home()).unwrap();
    let (mut child, _) = shim(&house);
    let folder = house.home().join("processes/p/1");
    let (log, in_the_way) = (folder.join("shim.log"), folder.join("exit"));
    fs::create_dir(&in_the_way).unwrap();
    child.stdin.take().unwrap().write_all(b"go\n").unwrap();
    until("its program's words", || async { folder.join("stdout").exists().then_some(()) }).await;
    assert!(!log.exists());
    let complaint = || house.file("p", 1, "shim.log");
    until("a complaint", || async { complaint().contains("file work failed").then_some(()) }).await;
    assert_eq!(fs::metadata(&log).unwrap().permissions().mode() & 0o777, 0o600);
    fs::remove_dir(&in_the_way).unwrap();
    until("its end", || async { (house.exit("p", 1)["how"] == "answered").then_some(()) }).await;
    assert!(child.wait().unwrap().success());
}

#[tokio::test]
async fn a_shim_that_was_let_go_needs_nobody_any_more() {
    let house = House::new();
    fs::create_dir(house.home()).unwrap();
    let (mut child, _) = shim(&house);
    child.stdin.take().unwrap().write_all(b"go\n").unwrap();
    drop(child.stdout.take());
    until("its end", || async { (house.exit("p", 1)["how"] == "answered").then_some(()) }).await;
    assert_eq!(house.file("p", 1, "stdout"), "line 0\nline 1\nline 2\n");
    assert!(child.wait().unwrap().success());
    assert!(!house.home().join("processes/p/1/shim.log").exists(), "there was nothing to say");
}
