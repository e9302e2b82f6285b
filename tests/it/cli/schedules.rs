//! `schedule`: what is started by the clock, from the command line.

use super::house::House;

#[test]
fn a_schedule_is_made_shown_steered_and_ended_from_the_command_line() {
    let house = House::new();
    let _server = house.serve();
    let made = house.text(&[
        "schedule",
        "create",
        "nightly",
        "--cron",
        "0 3 * * *",
        "--zone",
        "Europe/Berlin",
        "--missed",
        "once",
        "run",
        "debate",
        "topic=tea",
    ]);
    assert!(made.starts_with("nightly  active, next\n  2"), "{made}");
    assert_eq!(made.lines().count(), 6, "{made}");
    let soon = ["schedule", "create", "soon", "--in", "1s", "spawn", "say hello"];
    assert_eq!(house.json(&soon)["status"], "active");
    let again = house.run(&soon);
    assert!(again.code == Some(5) && again.stderr.contains("exists already"), "{again:#?}");

    let list = house.text(&["schedule", "list"]);
    for part in ["nightly", "0 3 * * * Europe/Berlin", "workflow debate", "process: say hello"] {
        assert!(list.contains(part), "{part} is missing in\n{list}");
    }
    assert!(house.text(&["schedule", "pause", "nightly"]).starts_with("nightly  paused"));
    let why = house.text(&["why", "nightly"]);
    assert!(why.contains("api has paused it"), "{why}");
    assert!(why.contains("callboard schedule resume nightly"), "{why}");
    assert!(house.text(&["schedule", "resume", "nightly"]).contains("nightly  active  next 2"));
    let changed = ["schedule", "change", "nightly", "--cron", "@hourly", "spawn", "say hello"];
    assert!(house.text(&changed).contains(":00:00.000Z"));
    house.text(&["schedule", "run", "nightly"]);
    let shown = loop {
        let shown = house.text(&["show", "nightly"]);
        if shown.contains("started ") && shown.contains("by api") && !shown.contains("is being") {
            break shown;
        }
    };
    assert!(shown.contains("started    1 times"), "{shown}");
    assert!(house.text(&["schedule", "delete", "nightly"]).contains("ended"));
    assert!(house.text(&["schedule", "list", "--status", "ended"]).contains("nightly"));

    let wrong = house.run(&["schedule", "create", "x", "--cron", "0 25 * * *", "spawn", "x"]);
    assert!(wrong.code == Some(5) && wrong.stderr.contains("cron: failed to read"), "{wrong:#?}");
    let wrong = house.run(&["schedule", "create", "x", "--in", "9s", "spawn", "x", "--detach"]);
    assert!(wrong.code == Some(2) && wrong.stderr.contains("--detach"), "{wrong:#?}");
    assert_eq!(house.run(&["schedule", "show", "nobody"]).code, Some(4));
    assert!(house.text(&["step", "schedule/nightly"]).contains("SCHEDULE_CREATED"));
}
