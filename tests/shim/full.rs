//! A disk that is full while shims claim, run and write down how it ended.

use super::disk::SmallDisk;
use super::house::{House, Serving, lines, until};
use serde_json::{Value, json};
use std::fs;
use std::time::{Duration, Instant};

/// Longer than the programs that run would have taken.
const FULL_FOR: Duration = Duration::from_secs(3);

/// Room enough for the journal, and not for an attempt.
const TOO_LITTLE: u64 = 3 << 20;

async fn spawn(server: &Serving, runtime: &str, count: usize) -> Vec<String> {
    let mut processes = Vec::new();
    for _ in 0..count {
        let body = json!({ "prompt": "go", "runtime": runtime, "model": "100" });
        processes.push(server.spawn_with(body).await);
    }
    processes
}

#[tokio::test]
async fn a_full_disk_costs_no_answer_and_no_retry_and_cuts_none_short_unnoticed() {
    let house = House::new();
    let Some(disk) = SmallDisk::mount(&house.home()) else {
        eprintln!("skipped: needs a mountable tmpfs");
        return;
    };
    let server = house.serve().await;
    let modest = spawn(&server, "count", 6).await;
    let talkers = spawn(&server, "much", 2).await;
    for process in modest.iter().chain(&talkers) {
        server.wait_for(process, "RUNNING").await;
    }
    until("their first words", || async {
        let said = |process: &String| !house.file(process, 1, "stdout").is_empty();
        modest.iter().chain(&talkers).all(said).then_some(())
    })
    .await;
    disk.fill_but(0);
    let since = Instant::now();
    until("time to pass", || async { (since.elapsed() > FULL_FOR).then_some(()) }).await;
    // The talkers end as if all were well, with what they said cut short.
    fs::write(house.path().join("enough"), "").unwrap();
    until("their end", || async { house.programs().is_empty().then_some(()) }).await;
    disk.make_room();
    for process in &modest {
        let row = server.wait_for(process, "COMPLETED").await;
        assert_eq!((&row["attempt"], &row["lost_count"]), (&json!(1), &json!(0)), "{row}");
        assert_eq!(server.content(process).await, lines(100));
    }
    for process in &talkers {
        let row = server.wait_for(process, "DEAD").await;
        assert!(row["error"].as_str().unwrap().contains("the disk was full"), "{row}");
    }
    claims_wait_for_room(&house, &disk, &server).await;
    server.terminate().await;
    let log = fs::read_to_string(house.path().join("log")).unwrap();
    assert!(!log.contains("panicked"), "{log}");
    house.is_empty().await;
}

/// Where a shim has no room to begin, nobody is asked, and none of the retries (there are none) is used up.
async fn claims_wait_for_room(house: &House, disk: &SmallDisk, server: &Serving) {
    let runs = house.runs();
    disk.fill_but(TOO_LITTLE);
    let process = &spawn(server, "count", 1).await[0];
    let row: Value = until("a third attempt", || async {
        let row = server.row(process).await;
        (row["attempt"].as_u64() > Some(2)).then_some(row)
    })
    .await;
    assert!(row["error"].as_str().unwrap().contains("nobody was asked"), "{row}");
    assert_eq!(house.runs(), runs);
    disk.make_room();
    let row = server.wait_for(process, "COMPLETED").await;
    assert_eq!((&row["retry_count"], &row["lost_count"]), (&json!(0), &json!(0)), "{row}");
    assert_eq!((server.content(process).await, house.runs()), (lines(100), runs + 1));
}
