//! Commands that ask a server that runs.

use rustix::process::Signal;
use serde_json::Value;

use super::house::House;

/// The id of a process that was ordered and not awaited.
fn detached(house: &House, prompt: &str) -> String {
    house.text(&["spawn", prompt, "--detach"]).trim().to_owned()
}

#[test]
fn a_server_is_found_by_its_home_and_asked_for_everything() {
    let house = House::new();
    let server = house.serve();
    assert_eq!(house.text(&["spawn", "say hello"]), "Hello!\n");
    let id = detached(&house, "say hello again");
    house.wait_for(&id, "COMPLETED");

    let all = house.json(&["ps", "--all"]);
    assert_eq!(all.as_array().map(Vec::len), Some(2));
    assert_eq!(house.json(&["ps"]), Value::Array(Vec::new()), "nothing is open any more");
    assert!(house.text(&["ps", "--status", "completed"]).contains(&id));
    let shown = house.text(&["show", &id]);
    for part in ["COMPLETED", "SPAWN_REQUEST", "SPAWN_COMPLETE", "\nHello!\n"] {
        assert!(shown.contains(part), "{part} is missing in\n{shown}");
    }
    let session = house.json(&["show", &id])["process"]["session_id"].as_str().unwrap().to_owned();
    assert!(house.text(&["sessions"]).contains(&session));
    assert!(house.text(&["sessions", &session]).contains("> say hello again\nHello!"));
    assert!(house.text(&["show", &session]).contains("Hello!"));
    let tree = house.text(&["tree"]);
    // The process itself may have gone to sleep by now.
    assert!(tree.contains("├── journal") && tree.contains("├── processes"), "{tree}");
    assert!(house.text(&["show", "/services"]).contains("admission"));
    assert!(house.text(&["health"]).contains("healthy"));
    assert_eq!(house.json(&["info"])["default_runtime"], "replay");
    assert_eq!(server.stop(), Some(0));
    assert_eq!(house.run(&["ps"]).code, Some(3));
    assert_eq!(house.text(&["journal", "verify"]), "all is well\n");
}

#[test]
fn messages_are_listed_filtered_and_followed() {
    let house = House::new();
    let _server = house.serve();
    let id = detached(&house, "say hello");
    house.wait_for(&id, "COMPLETED");
    let text = house.text(&["messages", "--topic", "claude.spawn.complete", "--json"]);
    let complete: Value = serde_json::from_str(&text).expect("there is one");
    let position = complete["position"].as_i64().unwrap();
    let stream = format!("process/{id}");
    let events = house.text(&["messages", "--stream", &stream]);
    assert!(events.contains("SPAWN_ADMITTED"), "{events}");
    let beyond = house.run(&["messages", "--after", "100000"]);
    assert!(beyond.code == Some(4) && beyond.stderr.contains("begin at 0 again"), "{beyond:#?}");

    let follow = [
        "messages",
        "--topic",
        "claude.spawn.complete",
        "--follow",
        "--json",
        "--limit",
        "1",
        "--after",
        &position.to_string(),
    ];
    let following = house.start(&follow);
    let other = detached(&house, "say hello");
    let ended = following.end();
    let seen: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!((ended.code, &seen["data"]["process_id"]), (Some(0), &other.into()));
}

#[test]
fn one_waits_for_the_news_of_one_stream() {
    let house = House::new();
    let _server = house.serve();
    let id = detached(&house, "take a moment");
    let stream = format!("process/{id}");
    let follow = ["messages", "--stream", &stream, "--follow", "--after", "0", "--limit", "12"];
    let ended = house.start(&follow).end();
    assert!(ended.stdout.contains("SPAWN_COMPLETE"), "{ended:#?}");
}

#[test]
fn a_process_is_cancelled_and_a_dead_one_tried_again() {
    let house = House::new();
    let _server = house.serve();
    let following = house.start(&["spawn", "take for ever", "--idempotency-key", "k"]);
    let id = house.wait_for_any("RUNNING");
    let again = house.text(&["spawn", "take for ever", "--idempotency-key", "k", "--detach"]);
    assert_eq!(again.trim(), id, "the same key is the same process");
    house.text(&["cancel", &id]);
    house.wait_for(&id, "CANCELLED");
    let ended = following.end();
    assert_eq!(ended.code, Some(1), "{ended:#?}");
    assert!(ended.stderr.contains(&format!("{id} is CANCELLED")), "{ended:#?}");
    let again = house.run(&["retry", &id]);
    assert_eq!(again.code, Some(5), "what was cancelled stays so: {again:#?}");

    let dead = detached(&house, "be refused");
    house.wait_for(&dead, "DEAD");
    let again = house.json(&["retry", &dead]);
    assert_eq!(again["id"], dead.as_str());
    house.wait_for(&dead, "DEAD");
    assert_eq!(house.json(&["show", &dead])["process"]["attempt"], 2);
}

#[test]
fn an_interrupted_follower_leaves_the_process_alone() {
    let house = House::new();
    let _server = house.serve();
    let following = house.start(&["spawn", "take for ever"]);
    let id = house.wait_for_any("RUNNING");
    following.signal(Signal::INT);
    let ended = following.end();
    assert_eq!(ended.code, Some(130), "{ended:#?}");
    assert!(ended.stderr.contains(&format!("{id} goes on without us")), "{ended:#?}");
    assert_eq!(house.json(&["show", &id])["process"]["status"], "RUNNING");
}

#[test]
fn a_follower_outlives_the_death_of_its_server() {
    let house = House::new();
    let server = house.serve();
    let following = house.start(&["spawn", "take a moment"]);
    house.wait_for_any("RUNNING");
    server.kill();
    let _server = house.serve();
    let ended = following.end();
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    assert!(ended.stdout.ends_with("That was a moment.\n"), "{ended:#?}");
}

#[test]
fn an_actor_is_suspended_resumed_and_restarted() {
    let house = House::new();
    let _server = house.serve();
    let id = detached(&house, "take for ever");
    house.wait_for(&id, "RUNNING");
    let path = format!("/processes/{id}");
    house.text(&["operate", "suspend", &path]);
    house.wait_to_read(&["show", &path], "parked");
    house.wait_to_read(&["show", &id], "parked");
    house.text(&["operate", "resume", &path]);
    house.wait_to_read(&["show", &path], "running");
    house.text(&["restart", "/services/admission"]);
    house.wait_to_read(&["show", "/services/admission"], "1 restart");
    assert_eq!(house.run(&["operate", "retry", "/services/admission"]).code, Some(5));
    assert_eq!(house.run(&["restart", "/"]).code, Some(5));
    assert_eq!(house.run(&["restart", "/services/nobody"]).code, Some(4));
}

#[test]
fn what_is_not_there_ends_with_four() {
    let house = House::new();
    let _server = house.serve();
    for arguments in [
        ["show", "nobody"],
        ["show", ".."],
        ["cancel", "nobody"],
        ["show", "/nobody"],
        ["tree", "/x"],
    ] {
        let ended = house.run(&arguments);
        assert_eq!(ended.code, Some(4), "{arguments:?}: {ended:#?}");
    }
}

#[test]
fn a_wrong_token_ends_with_three_and_a_senseless_order_with_five() {
    let house = House::new();
    let _server = house.serve();
    let ended = house.run(&["--token", "wrong", "ps"]);
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    assert!(ended.stderr.contains("does not accept the token"), "{ended:#?}");
    let ended = house.run(&["spawn", "hello", "--runtime", "nonesuch"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(5), ""), "{ended:#?}");
    assert!(ended.stderr.contains("choose one of"), "{ended:#?}");
}

#[test]
fn whoever_closes_the_pipe_has_heard_enough() {
    let house = House::new();
    let _server = house.serve();
    for arguments in [&["messages"][..], &["spawn", "say hello"], &["tree"]] {
        let mut child = house.command(arguments).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), error.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn commands_ask_a_healthy_server_though_the_settings_file_is_wrong_by_now() {
    let house = House::new();
    std::fs::create_dir(house.beside("config")).expect("it is new");
    let write = |text: &str| {
        std::fs::write(house.beside("config/callboard.toml"), text).expect("it can be written");
    };
    write("home = \"elsewhere\"\n");
    let in_file = |arguments: &[&str]| {
        let mut command = house.command(arguments);
        command.env_remove("CALLBOARD_HOME");
        super::house::Running::start(command).end()
    };
    let server = house.serve_in_file();
    for wrong in
        ["home = \"elsewhere\"\n[processes]\nmax_retris = 1\n", "home = \"elsewhere\"\n[proc"]
    {
        write(wrong);
        for arguments in [["ps", "--all"], ["health", "--json"], ["spawn", "say hello"]] {
            let ended = in_file(&arguments);
            assert_eq!(ended.code, Some(0), "{arguments:?} with {wrong:?}: {ended:#?}");
        }
        // What needs settings of its own names what is wrong with them.
        let verify = in_file(&["journal", "verify"]);
        assert!(verify.code == Some(2) && verify.stderr.contains("callboard.toml:"), "{verify:#?}");
    }
    assert_eq!(server.stop(), Some(0));
    for arguments in [["ps", "--all"], ["spawn", "say hello"]] {
        let ended = in_file(&arguments);
        assert!(ended.code == Some(2) && ended.stderr.contains("callboard.toml:"), "{ended:#?}");
    }
}
