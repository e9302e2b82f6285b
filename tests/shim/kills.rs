//! `kill -9` of the server while a program runs, at many moments.

use super::house::{House, lines, until};
use serde_json::json;
use std::fs;
use std::time::Duration;

#[tokio::test]
async fn a_long_run_is_run_once_and_whole_through_twenty_kills_of_the_server() {
    let house = House::new();
    let mut server = house.serve().await;
    let process = server.spawn("until").await;
    server.wait_for(&process, "RUNNING").await;
    until("its first line", || async { (house.runs() == 1).then_some(()) }).await;
    for moment in 0..20 {
        tokio::time::sleep(Duration::from_millis(10 + 13 * moment)).await;
        server.kill();
        server = house.serve().await;
        let row = server.row(&process).await;
        assert_eq!((&row["status"], &row["attempt"]), (&json!("RUNNING"), &json!(1)), "{row}");
    }
    fs::write(house.path().join("enough"), "").unwrap();
    let row = server.wait_for(&process, "COMPLETED").await;
    assert_eq!((&row["attempt"], &row["lost_count"]), (&json!(1), &json!(0)), "{row}");
    assert_eq!(house.runs(), 1);
    let stdout = house.file(&process, 1, "stdout");
    assert_eq!(stdout, lines(stdout.lines().count()), "every line is there, in order");
    assert_eq!(server.content(&process).await, stdout);
    let exit = house.exit(&process, 1);
    assert_eq!(exit["child"], json!({ "code": 0 }), "{exit}");
    assert_eq!(exit["stdout"]["bytes"], stdout.len(), "{exit}");
    server.terminate().await;
    house.is_empty().await;
}

#[tokio::test]
async fn a_server_that_is_killed_while_it_begins_an_attempt_has_it_run_exactly_once() {
    let house = House::new();
    let mut not_begun = 0;
    for moment in 0..20 {
        let server = house.serve().await;
        let runs = house.runs();
        let body = json!({ "prompt": "go", "runtime": "count", "model": "10" });
        let process = server.spawn_with(body).await;
        tokio::time::sleep(Duration::from_micros(1_500 * moment)).await;
        server.kill();
        let server = house.serve().await;
        let row = server.wait_for(&process, "COMPLETED").await;
        assert_eq!(row["lost_count"], 0, "after {moment}: {row}");
        assert_eq!(house.runs(), runs + 1, "after {moment}: {row}");
        let attempts = row["attempt"].as_u64().unwrap();
        for attempt in 1..attempts {
            assert_eq!(house.exit(&process, attempt)["how"], "not_begun", "{row}");
            not_begun += 1;
        }
        assert_eq!(house.exit(&process, attempts)["how"], "answered", "{row}");
        server.terminate().await;
    }
    eprintln!("kills while attempts began: {not_begun} of 20 were never begun");
    house.is_empty().await;
}

#[tokio::test]
async fn a_server_that_was_upgraded_takes_up_what_the_old_one_began() {
    let house = House::new();
    let (old, new) = (house.path().join("callboard-1"), house.path().join("callboard-2"));
    fs::copy(env!("CARGO_BIN_EXE_callboard"), &old).unwrap();
    let server = house.serve_with(&old).await;
    let body = json!({ "prompt": "go", "runtime": "count", "model": "100" });
    let first = server.spawn_with(body.clone()).await;
    server.wait_for(&first, "RUNNING").await;
    fs::copy(&old, &new).unwrap();
    fs::remove_file(&old).unwrap();
    // Its own file is gone from the disk: it starts shims nevertheless.
    let second = server.spawn_with(body).await;
    server.wait_for(&second, "RUNNING").await;
    server.kill();
    let server = house.serve_with(&new).await;
    for process in [&first, &second] {
        let row = server.wait_for(process, "COMPLETED").await;
        assert_eq!((&row["attempt"], &row["lost_count"]), (&json!(1), &json!(0)), "{row}");
        assert_eq!(server.content(process).await, lines(100));
    }
    assert_eq!(house.runs(), 2);
    server.terminate().await;
}

#[tokio::test]
async fn a_server_that_stops_in_order_leaves_its_attempts_at_work_unless_it_is_told_otherwise() {
    let house = House::new();
    let server = house.serve().await;
    let process = server.spawn("family").await;
    server.wait_for(&process, "RUNNING").await;
    until("the family", || async { (house.programs().len() >= 5).then_some(()) }).await;
    server.terminate().await;
    assert!(house.shim(&process).is_some(), "{:?}", house.living());
    let house = house.with_argument("--stop-children");
    let server = house.serve().await;
    server.wait_for(&process, "RUNNING").await;
    server.terminate().await;
    assert_eq!(house.living(), [], "nobody is left");
    assert_eq!(house.exit(&process, 1)["how"], "lost");
    let server = house.serve().await;
    until("another attempt", || async {
        (server.row(&process).await["attempt"] == 2).then_some(())
    })
    .await;
    server.wait_for(&process, "RUNNING").await;
    assert_eq!(server.post(&format!("/processes/{process}/cancel")).await, 202);
    server.wait_for(&process, "CANCELLED").await;
    server.terminate().await;
    house.is_empty().await;
}
