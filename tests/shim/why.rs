//! What `why` says of attempts whose server was killed: those that go on, that have ended meanwhile, and that
//! were lost where an operator is to be asked; and what each of its commands then does.

use super::house::{House, until};
use super::plain::Plain;
use insta::assert_snapshot;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Runs a line in a shell that finds this program.
fn shell(house: &House, line: &str) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_callboard")).parent().unwrap();
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", binary.display());
    let mut shell: Command = house.command(Path::new("sh"));
    let output = shell.args(["-c", line]).env("PATH", path).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}: {error}");
    String::from_utf8(output.stdout).unwrap()
}

/// Does what the answer about a process says can be done: the command that begins with these words.
fn follow(house: &House, id: &str, words: &str) {
    let answer = shell(house, &format!("callboard why {id} --json"));
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let commands = answer["commands"].as_array().unwrap().iter();
    let mut commands = commands.filter_map(|one| one["command"].as_str());
    let command = commands.find(|command| command.starts_with(words));
    shell(house, command.unwrap_or_else(|| panic!("no `{words}` in {answer}")));
}

fn why(house: &House, id: &str) -> String {
    let mut plain = Plain::default();
    plain.name(id, "ID");
    plain.name(&house.path().display().to_string(), "house");
    plain.text(&shell(house, &format!("callboard why {id}")))
}

#[tokio::test]
async fn a_lost_attempt_that_an_operator_has_to_decide_on_says_how() {
    let house = House::new();
    let server = house.serve().await;
    let decisions = [
        ("callboard fail", "DEAD"),
        ("callboard cancel", "CANCELLED"),
        ("callboard retry", "RUNNING"),
    ];
    let mut lost = Vec::new();
    for decision in decisions {
        let process = server.spawn("ask").await;
        server.wait_for(&process, "RUNNING").await;
        lost.push((process, decision));
    }
    let shims: Vec<_> = lost.iter().map(|(process, _)| house.shim(process).unwrap()).collect();
    server.kill();
    for shim in shims {
        let pid = Pid::from_raw(shim.try_into().unwrap()).unwrap();
        kill_process(pid, Signal::KILL).unwrap();
    }
    until("the shims to be gone", || async {
        lost.iter().all(|(process, _)| house.shim(process).is_none()).then_some(())
    })
    .await;
    assert_snapshot!("lost_on_a_dead_home", why(&house, &lost[0].0));

    let server = house.serve().await;
    for (process, _) in &lost {
        server.wait_for(process, "INDETERMINATE").await;
    }
    assert_snapshot!("indeterminate", why(&house, &lost[0].0));
    let over_http = server.get(&format!("/why/{}", lost[0].0)).await;
    assert_eq!(over_http["situation"], "indeterminate");
    for (process, (verb, status)) in &lost {
        follow(&house, process, verb);
        server.wait_for(process, status).await;
    }
    assert_snapshot!("taken_for_failed", why(&house, &lost[0].0));
    assert_snapshot!("asked_again_by_an_operator", why(&house, &lost[2].0));
    follow(&house, &lost[2].0, "callboard cancel");
    server.wait_for(&lost[2].0, "CANCELLED").await;
    server.terminate().await;
    house.is_empty().await;
}

#[tokio::test]
async fn a_process_that_is_being_cancelled_says_what_it_waits_for() {
    let house = House::new();
    let server = house.serve().await;
    let process = server.spawn("family").await;
    server.wait_for(&process, "RUNNING").await;
    until("the family", || async { (house.programs().len() >= 5).then_some(()) }).await;
    server.post(&format!("/processes/{process}/cancel")).await;
    server.wait_for(&process, "CANCELLING").await;
    assert_snapshot!("cancelling", why(&house, &process));
    server.wait_for(&process, "CANCELLED").await;
    server.terminate().await;
    house.is_empty().await;
}

#[tokio::test]
async fn without_a_server_an_attempt_goes_on_and_its_outcome_waits() {
    let house = House::new();
    let server = house.serve().await;
    let process = server.spawn("until").await;
    server.wait_for(&process, "RUNNING").await;
    until("its first line", || async { (house.runs() == 1).then_some(()) }).await;
    server.kill();
    let told = why(&house, &process);
    assert!(told.contains("the attempt goes on without one"), "{told}");
    assert!(told.contains("callboard serve"), "{told}");
    fs::write(house.path().join("enough"), "").unwrap();
    house.is_empty().await;
    let length = house.file(&process, 1, "stdout").len();
    let told = why(&house, &process).replace(&format!("{length} bytes"), "<length> bytes");
    assert_snapshot!("an_outcome_that_waits", told);
    let server = house.serve().await;
    server.wait_for(&process, "COMPLETED").await;
    assert_eq!(house.runs(), 1, "it was not run again");
    server.terminate().await;
    house.is_empty().await;
}
