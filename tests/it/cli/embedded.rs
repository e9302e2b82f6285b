//! Commands where no server runs: `spawn` brings its own engine, the others say what is missing.

use std::fs;

use rustix::process::Signal;
use serde_json::Value;

use super::house::{House, Running, names};

#[test]
fn a_spawn_without_a_server_runs_to_its_end_and_leaves_rows_and_files() {
    let house = House::new();
    let ended = house.run(&["spawn", "Say hello"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "Hello!\n"), "{ended:#?}");
    assert!(ended.stderr.contains("replayed from"), "an answer of no model says so: {ended:#?}");

    let home = house.home();
    let turn: Value = serde_json::from_str(house.session_file().trim()).unwrap();
    assert_eq!((&turn["prompt"], &turn["content"]), (&"Say hello".into(), &"Hello!".into()));
    assert_eq!(names(&home.join("prompts/queue")), [""; 0]);
    let id = turn["process_id"].as_str().unwrap();
    let archived = fs::read_to_string(home.join(format!("prompts/archive/{id}.txt"))).unwrap();
    assert_eq!(archived, "Say hello");
    assert!(house.text(&["step"]).contains(&format!("process/{id}")));
    assert_eq!(house.text(&["journal", "verify"]), "all is well\n");
    assert!(!home.join("server.json").exists(), "nothing serves this home any more");
}

#[test]
fn json_is_one_object_with_the_process_and_its_response() {
    let house = House::new();
    let all = house.json(&["spawn", "Say hello", "--priority", "7"]);
    assert_eq!(all["process"]["status"], "COMPLETED");
    assert_eq!(all["process"]["priority"], 7);
    assert_eq!(all["response"]["content"], "Hello!");
}

#[test]
fn a_prompt_is_read_from_stdin() {
    let house = House::new();
    let file = house.beside("prompt");
    fs::write(&file, "say hello").unwrap();
    let mut command = house.command(&["spawn", "-"]);
    let output = command.stdin(fs::File::open(file).unwrap()).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "Hello!\n");
}

#[test]
fn a_process_that_dies_ends_with_one_and_says_why() {
    let house = House::new();
    let ended = house.run(&["spawn", "be refused"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""), "{ended:#?}");
    assert!(ended.stderr.contains("is DEAD: not in this house"), "{ended:#?}");
    let ended = house.run(&["spawn", "be refused", "--json"]);
    let all: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((ended.code, &all["process"]["status"]), (Some(1), &"DEAD".into()));
    assert!(all["response"].is_null());
}

#[test]
fn a_retry_is_told_and_followed() {
    let house = House::new();
    // Long enough a wait that the follower sees it, also on a busy machine.
    let mut command = house.command(&["spawn", "stumble"]);
    command.env("CALLBOARD_PROCESSES__RETRY_FIRST_MS", "3000");
    let ended = Running::start(command).end();
    // What the first attempt said is printed too, if there was time to read it before the second began.
    let is_whole = matches!(ended.stdout.as_str(), "All of it\n" | "Half\nAll of it\n");
    assert!(ended.code == Some(0) && is_whole, "{ended:#?}");
    assert!(ended.stderr.contains("attempt 1 failed: the line went dead"), "{ended:#?}");
}

#[test]
fn two_spawns_at_once_share_the_home() {
    let house = House::new();
    let (one, other) =
        (house.start(&["spawn", "take a moment"]), house.start(&["spawn", "take a moment"]));
    for ended in [one.end(), other.end(), house.run(&["spawn", "say hello"])] {
        assert_eq!(ended.code, Some(0), "{ended:#?}");
    }
    assert_eq!(house.text(&["journal", "verify"]), "all is well\n");
}

#[test]
fn a_spawn_goes_on_when_the_engine_it_found_ends() {
    let house = House::new();
    let first = house.start(&["spawn", "take a moment"]);
    house.wait_for_any("RUNNING");
    let second = house.start(&["spawn", "take a moment and then a moment"]);
    let (first, second) = (first.end(), second.end());
    assert_eq!((first.code, second.code), (Some(0), Some(0)), "{first:#?} {second:#?}");
    assert!(second.stdout.ends_with("That was a moment.\n"), "{second:#?}");
}

#[test]
fn an_interrupted_spawn_is_kept_and_the_next_engine_goes_on_with_it() {
    let house = House::new();
    let spawn = house.start(&["spawn", "take for ever"]);
    let id = house.wait_for_any("RUNNING");
    spawn.signal(Signal::INT);
    let ended = spawn.end();
    assert_eq!(ended.code, Some(130), "{ended:#?}");
    assert!(ended.stderr.contains(&format!("{id} is kept")), "{ended:#?}");
    let _server = house.serve();
    house.wait_for(&id, "RUNNING");
}

#[test]
fn where_no_server_runs_commands_say_how_to_start_one() {
    let house = House::new();
    for arguments in [
        &["ps"][..],
        &["show", "p"],
        &["cancel", "p"],
        &["tree"],
        &["messages"],
        &["sessions"],
        &["health"],
        &["info"],
        &["spawn", "say hello", "--detach"],
    ] {
        let ended = house.run(arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(3), ""), "{arguments:?}: {ended:#?}");
        assert!(ended.stderr.contains("start one with `callboard serve`"), "{ended:#?}");
    }
    assert!(!house.home().exists(), "asking leaves nothing behind");
}

#[test]
fn a_stale_server_file_is_no_obstacle() {
    let house = House::new();
    fs::create_dir(house.home()).unwrap();
    let stale =
        r#"{"pid": 2147483647, "address": "127.0.0.1:1", "started_at": "1970-01-01T00:00:00Z"}"#;
    fs::write(house.home().join("server.json"), stale).unwrap();
    assert_eq!(house.run(&["ps"]).code, Some(3));
    assert_eq!(house.text(&["spawn", "say hello"]), "Hello!\n");
}

#[test]
fn whoever_has_a_dead_servers_port_is_not_given_the_token() {
    use std::io::{Read as _, Write as _};
    let house = House::new();
    house.text(&["spawn", "say hello"]);
    let token = fs::read_to_string(house.home().join("token")).unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    // A process of this number lives, and somebody listens there who claims to be a callboard.
    let (pid, address) = (std::process::id(), listener.local_addr().unwrap());
    let stale = format!(
        r#"{{"pid": {pid}, "address": "{address}", "started_at": "", "instance": "the dead one's"}}"#
    );
    fs::write(house.home().join("server.json"), stale).unwrap();
    let thief = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut heard = vec![0; 4_096];
        let length = stream.read(&mut heard).unwrap();
        let body = r#"{"status":"healthy","instance":"somebody","checks":{}}"#;
        let length_line = format!("content-length: {}", body.len());
        write!(stream, "HTTP/1.1 200 OK\r\nconnection: close\r\n{length_line}\r\n\r\n{body}")
            .unwrap();
        String::from_utf8_lossy(&heard[..length]).into_owned()
    });
    assert_eq!(house.run(&["ps"]).code, Some(3));
    let heard = thief.join().unwrap();
    assert!(heard.starts_with("GET /health ") && !heard.contains(token.trim()), "{heard}");
}

#[test]
fn what_is_written_wrong_ends_with_two() {
    let house = House::new();
    assert_eq!(house.run(&["spawn"]).code, Some(2));
    assert_eq!(house.run(&["--url", "localhost:8000", "ps"]).code, Some(2));
    let mut command = house.command(&["ps"]);
    let output = command.env("CALLBOARD_HTTP__LISTEM", "x").output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(error.contains("did you mean CALLBOARD_HTTP__LISTEN?"), "{error}");
}
