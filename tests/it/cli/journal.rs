//! Commands that look after the journal without a server.

use std::fs;

use super::house::House;

#[test]
fn a_copied_database_of_a_dead_server_can_be_walked_through_and_stays_as_it_is() {
    let house = House::new();
    let server = house.serve();
    let id = house.text(&["spawn", "stumble", "--detach"]).trim().to_owned();
    house.wait_for(&id, "COMPLETED");
    server.kill();
    let copy = house.beside("copy");
    fs::create_dir(&copy).unwrap();
    let files = ["callboard.db", "callboard.db-wal"];
    for file in files {
        fs::copy(house.home().join(file), copy.join(file)).unwrap();
    }
    let before = files.map(|file| fs::read(copy.join(file)).unwrap());
    let database = copy.join("callboard.db").display().to_string();

    let stream = format!("process/{id}");
    let list = house.text(&["step", "--db", &database]);
    assert!(list.contains(&stream), "{list}");
    let walk = house.text(&["step", "--db", &database, &stream]);
    for part in [
        "command SPAWN ",
        "event SPAWN_FAILED",
        "phase: Retry",
        "wants: attempt/2",
        "wants: turn/2",
    ] {
        assert!(walk.contains(part), "{part} is missing in\n{walk}");
    }
    let end = house.text(&["step", "--db", &database, &stream, "--from", "8"]);
    assert!(!end.contains("SPAWN_REQUEST") && end.contains("SPAWN_COMPLETE"), "{end}");
    assert_eq!(house.run(&["step", "--db", &database, &stream, "--from", "99"]).code, Some(4));
    assert_eq!(house.run(&["step", "--db", &database, "process/nobody"]).code, Some(4));
    let after = files.map(|file| fs::read(copy.join(file)).unwrap());
    assert!(before == after, "looking has changed the database");
}

#[test]
fn a_journal_is_verified_beside_its_server_which_notices_nothing() {
    let house = House::new();
    let server = house.serve();
    let ids: Vec<_> =
        (0..5).map(|_| house.text(&["spawn", "say hello", "--detach"]).trim().to_owned()).collect();
    // In the middle of the work, too.
    assert_eq!(house.text(&["journal", "verify", "--json"]).trim(), "[]");
    for id in &ids {
        house.wait_for(id, "COMPLETED");
    }
    let log = house.home().join("callboard.db-wal");
    let before = fs::metadata(&log).unwrap().len();
    assert!(before > 0);
    assert_eq!(house.text(&["journal", "verify", "--json"]).trim(), "[]");
    assert!(fs::metadata(&log).unwrap().len() >= before, "the log was folded");
    house.text(&["spawn", "say hello"]);
    server.kill();
    assert_eq!(house.text(&["journal", "verify", "--json"]).trim(), "[]");
    assert!(fs::metadata(&log).unwrap().len() >= before, "the log was folded");
}

#[test]
fn damage_is_found() {
    let house = House::new();
    house.text(&["spawn", "say hello"]);
    assert_eq!(house.text(&["journal", "verify", "--json"]).trim(), "[]");
    let log = house.home().join("claude_logs/latest.jsonl").canonicalize().unwrap();
    fs::write(log, "").unwrap();
    let ended = house.run(&["journal", "verify"]);
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    assert!(ended.stdout.contains("BROKEN  a session's committed lines are there"), "{ended:#?}");
}

#[test]
fn without_a_database_nothing_is_made() {
    let house = House::new();
    for arguments in [&["journal", "verify"][..], &["journal", "rebuild"], &["step"]] {
        assert_eq!(house.run(arguments).code, Some(4), "{arguments:?}");
    }
    assert!(!house.home().exists());
}

#[test]
fn while_a_server_runs_its_read_models_are_left_alone() {
    let house = House::new();
    let _server = house.serve();
    let ended = house.run(&["journal", "rebuild"]);
    assert_eq!(ended.code, Some(5), "{ended:#?}");
    assert!(ended.stderr.contains("in use"), "{ended:#?}");
}
