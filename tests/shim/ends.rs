//! How attempts end that do not end by themselves: nobody of them is left, and what is known is told.

use super::house::{House, Serving, until};
use super::kin;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A program with children that do not listen to SIGTERM, one of them in a session of its own.
async fn family(house: &House, server: &Serving, body: Value) -> String {
    let process = server.spawn_with(body).await;
    server.wait_for(&process, "RUNNING").await;
    until("the family", || async { (house.programs().len() >= 5).then_some(()) }).await;
    process
}

fn kill(pid: u32, signal: Signal) {
    kill_process(Pid::from_raw(pid.try_into().unwrap()).unwrap(), signal).unwrap();
}

#[tokio::test]
async fn a_cancel_leaves_nobody_of_a_program_that_does_not_listen() {
    let house = House::new();
    let server = house.serve().await;
    let body = json!({ "prompt": "go", "runtime": "family" });
    let process = family(&house, &server, body).await;
    assert_eq!(server.post(&format!("/processes/{process}/cancel")).await, 202);
    server.wait_for(&process, "CANCELLED").await;
    assert_eq!((house.programs(), house.shim(&process)), (vec![], None));
    server.terminate().await;
}

#[tokio::test]
async fn a_deadline_is_kept_by_the_shim_also_without_a_server() {
    let house = House::new();
    let server = house.serve().await;
    let body = json!({ "prompt": "go", "runtime": "family", "timeout_s": 2 });
    let process = family(&house, &server, body).await;
    server.kill();
    house.is_empty().await;
    let server = house.serve().await;
    let row = server.wait_for(&process, "DEAD").await;
    assert!(row["error"].as_str().unwrap().contains("it took longer than 2 s"), "{row}");
    assert_eq!(house.exit(&process, 1)["child"], json!({ "signal": 9 }));
    server.terminate().await;
}

#[tokio::test]
async fn what_a_program_leaves_running_goes_with_it() {
    let house = House::new();
    let server = house.serve().await;
    let process = server.spawn("daemon").await;
    server.wait_for(&process, "COMPLETED").await;
    assert_eq!(server.content(&process).await, "done\n");
    assert_eq!(house.programs(), []);
    server.terminate().await;
}

#[tokio::test]
async fn a_daemon_that_hides_in_a_session_of_its_own_without_environment_is_found_and_goes() {
    let house = House::new();
    let daemons = || house.programs().iter().filter(|l| l.command.starts_with("tail")).count();
    let server = house.serve().await;
    // By itself: its program ends, and how it ended is not heard of anybody else.
    let body = |code: &str| json!({ "prompt": "go", "runtime": "hidden", "model": code });
    for (code, status) in [("0", "COMPLETED"), ("7", "DEAD")] {
        let process = server.spawn_with(body(code)).await;
        server.wait_for(&process, status).await;
        let expected: u32 = code.parse().unwrap();
        assert_eq!(house.exit(&process, 1)["child"], json!({ "code": expected }));
        assert_eq!(house.programs(), []);
    }
    std::fs::write(house.path().join("stay"), "").unwrap();
    let process = server.spawn_with(body("0")).await;
    until("the daemons", || async { (daemons() == 2).then_some(()) }).await;
    assert_eq!(server.post(&format!("/processes/{process}/cancel")).await, 202);
    server.wait_for(&process, "CANCELLED").await;
    assert_eq!((house.programs(), house.shim(&process)), (vec![], None));
    server.terminate().await;
    house.is_empty().await;
}

#[tokio::test]
async fn a_shim_that_cannot_hear_is_ended_with_all_that_hides() {
    let house = House::new();
    let daemons = || house.programs().iter().filter(|l| l.command.starts_with("tail")).count();
    let server = house.serve().await;
    std::fs::write(house.path().join("stay"), "").unwrap();
    let body = json!({ "prompt": "go", "runtime": "hidden", "model": "0" });
    let process = server.spawn_with(body).await;
    until("the daemons", || async { (daemons() == 2).then_some(()) }).await;
    kill(house.shim(&process).unwrap(), Signal::STOP);
    assert_eq!(server.post(&format!("/processes/{process}/cancel")).await, 202);
    server.wait_for(&process, "CANCELLED").await;
    assert_eq!((house.programs(), house.shim(&process)), (vec![], None));
    server.terminate().await;
}

#[tokio::test]
async fn the_remains_of_orphans_are_taken_away_while_their_program_runs() {
    let house = House::new();
    let server = house.serve().await;
    let process = server.spawn("orphans").await;
    until("all orphans", || async { house.path().join("all").exists().then_some(()) }).await;
    let shim = house.shim(&process).unwrap();
    until("no remains", || async { (kin::remains(shim) == 0).then_some(()) }).await;
    assert_eq!(server.row(&process).await["status"], "RUNNING");
    server.post(&format!("/processes/{process}/cancel")).await;
    server.wait_for(&process, "CANCELLED").await;
    assert_eq!(house.exit(&process, 1)["child"], json!({ "signal": 15 }));
    server.terminate().await;
    house.is_empty().await;
}

/// Who lives, by number: what they are called changes while they begin.
fn numbers(house: &House) -> BTreeSet<u32> {
    house.programs().iter().map(|living| living.pid).collect()
}

#[tokio::test]
async fn a_shim_that_is_killed_takes_its_program_with_it_and_the_attempt_is_lost() {
    let house = House::new();
    let server = house.serve().await;
    let process = family(&house, &server, json!({ "prompt": "go", "runtime": "family" })).await;
    let before = numbers(&house);
    kill(house.shim(&process).unwrap(), Signal::KILL);
    until("another attempt", || async {
        (server.row(&process).await["attempt"] == 2).then_some(())
    })
    .await;
    let row = server.wait_for(&process, "RUNNING").await;
    assert_eq!((&row["lost_count"], &row["retry_count"]), (&json!(1), &json!(0)), "{row}");
    assert!(numbers(&house).is_disjoint(&before), "some are left");
    // The same when both are killed: the next server takes away what is left.
    until("the family", || async { (house.programs().len() >= 5).then_some(()) }).await;
    let before = numbers(&house);
    let shim = house.shim(&process).unwrap();
    server.kill();
    kill(shim, Signal::KILL);
    assert!(numbers(&house).is_superset(&before), "nobody is there to end them");
    let server = house.serve().await;
    until("a third attempt", || async {
        (server.row(&process).await["attempt"] == 3).then_some(())
    })
    .await;
    assert!(numbers(&house).is_disjoint(&before), "some are left");
    server.wait_for(&process, "RUNNING").await;
    server.post(&format!("/processes/{process}/cancel")).await;
    server.wait_for(&process, "CANCELLED").await;
    server.terminate().await;
    house.is_empty().await;
}

#[tokio::test]
async fn a_lost_attempt_waits_for_an_operator_where_its_runtime_says_so() {
    let house = House::new();
    let server = house.serve().await;
    for (verb, status) in [("fail", "DEAD"), ("cancel", "CANCELLED"), ("retry", "RUNNING")] {
        let runs = house.runs();
        let process = server.spawn("ask").await;
        server.wait_for(&process, "RUNNING").await;
        until("the program", || async { (house.runs() > runs).then_some(()) }).await;
        kill(house.shim(&process).unwrap(), Signal::KILL);
        let row = server.wait_for(&process, "INDETERMINATE").await;
        assert!(row["error"].as_str().unwrap().contains("without leaving an outcome"), "{row}");
        let list = server.get("/processes?status=indeterminate").await;
        assert_eq!(list["items"][0]["id"], json!(process), "{list}");
        let topic = server.get("/messages?topic=claude.spawn.indeterminate&after=0").await;
        assert!(topic.to_string().contains(&process), "{topic}");
        assert_eq!(server.post(&format!("/processes/{process}/{verb}")).await, 202, "{verb}");
        server.wait_for(&process, status).await;
        if verb == "retry" {
            assert_eq!(server.post(&format!("/processes/{process}/fail")).await, 409);
            server.post(&format!("/processes/{process}/cancel")).await;
            server.wait_for(&process, "CANCELLED").await;
        }
    }
    server.terminate().await;
    house.is_empty().await;
}

#[tokio::test]
async fn an_exit_code_and_a_missing_program_are_told_as_they_are() {
    let house = House::new();
    let server = house.serve().await;
    let process = server.spawn("three").await;
    let row = server.wait_for(&process, "DEAD").await;
    assert!(row["error"].as_str().unwrap().contains("ended with exit code 3"), "{row}");
    assert_eq!(house.exit(&process, 1)["child"], json!({ "code": 3 }));
    assert_eq!(house.file(&process, 1, "stdout"), "line 0\nline 1\nline 2\n");
    let body = json!({ "prompt": "go", "runtime": "missing", "max_retries": 5 });
    let process = server.spawn_with(body).await;
    let row = server.wait_for(&process, "DEAD").await;
    let error = row["error"].as_str().unwrap();
    assert!(
        error.contains("npm install it") && error.contains("runtimes.missing.command"),
        "{row}"
    );
    assert_eq!(row["attempt"], 1, "no retry can mend it: {row}");
    server.terminate().await;
}
