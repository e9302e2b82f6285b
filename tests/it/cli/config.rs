//! `config` and `metrics`: from the shell, also over a server that is killed.

use super::house::House;

const SECRET: &str = "sk-ant-from-the-shell-0000-abcd";

#[test]
fn a_setting_is_shown_set_and_unset_and_outlives_kills() {
    let house = House::new();
    let server = house.serve();
    let listed = house.text(&["config", "list"]);
    let line = listed.lines().find(|line| line.starts_with("processes.default_model"));
    assert_eq!(line.unwrap().split_whitespace().collect::<Vec<_>>()[1..], ["sonnet", "default"]);
    assert!(listed.contains("environment CALLBOARD_"), "{listed}");
    house.text(&[
        "config",
        "set",
        "processes.default_model",
        "opus",
        "--description",
        "sonnet is down",
    ]);
    house.text(&["config", "set", "processes.max_retries", "0"]);
    server.kill();
    let server = house.serve();
    let shown = house.json(&["config", "get", "processes.default_model"]);
    assert_eq!((&shown["value"], &shown["source"]), (&"opus".into(), &"stored".into()));
    assert_eq!(shown["description"], "sonnet is down");
    house.text(&["spawn", "say hello"]);
    assert_eq!(house.json(&["ps", "--all"])[0]["model"], "opus");
    let unset = house.text(&["config", "unset", "processes.default_model"]);
    assert!(unset.contains("sonnet"), "{unset}");
    let wrong = house.run(&["config", "set", "processes.max_retries", "few"]);
    assert_eq!(wrong.code, Some(5));
    assert!(wrong.stderr.contains("processes.max_retries: "), "{}", wrong.stderr);
    let unknown = house.run(&["config", "get", "processes.defalt_model"]);
    assert_eq!(unknown.code, Some(4));
    assert!(unknown.stderr.contains("did you mean"), "{}", unknown.stderr);
    let metrics = house.json(&["metrics", "--by", "runtime"]);
    assert_eq!(metrics["items"][0]["count"], 1, "{metrics}");
    assert!(house.text(&["metrics"]).starts_with("MODEL"));
    assert_eq!(server.stop(), Some(0));
    // An engine of the command's own goes by what is kept, too.
    house.text(&["spawn", "say hello"]);
    assert_eq!(house.run(&["config", "list"]).code, Some(3));
    assert_eq!(house.text(&["journal", "verify"]), "all is well\n");
}

#[test]
fn a_secret_comes_from_stdin_and_outlives_kills_around_a_rotation_of_its_key() {
    let house = House::new();
    let key = "runtimes.anthropic.api_key";
    let server = house.serve();
    let mut set = house.command(&["config", "set", key, "-"]);
    set.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut set = set.spawn().unwrap();
    std::io::Write::write_all(&mut set.stdin.take().unwrap(), format!("{SECRET}\n").as_bytes())
        .unwrap();
    // Kept like any other setting: the kills to come need not be told.
    house.text(&["config", "set", "log.level", "off"]);
    let said = set.wait_with_output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    assert!(said.contains("••••abcd") && !said.contains(SECRET), "{said}");
    server.kill();
    // Killed at ten moments around its steps, early ones and late ones.
    for moment in 0..10 {
        let server = house.serve();
        let rotating = house.start(&["config", "rotate-key"]);
        std::thread::sleep(std::time::Duration::from_millis(3 * moment));
        server.kill();
        drop(rotating);
        let server = house.serve();
        let shown = house.json(&["config", "get", key]);
        assert_eq!(shown["value"], "••••abcd", "killed at moment {moment}: {shown}");
        // A server that is killed so often holds its processes, which is another matter.
        let health = house.run(&["health"]).stdout;
        assert!(!health.contains(key), "{health}");
        server.kill();
    }
    let _server = house.serve();
    assert_eq!(house.json(&["config", "rotate-key"])["secrets"], 1);
    assert_eq!(house.json(&["config", "get", key])["value"], "••••abcd");
}
