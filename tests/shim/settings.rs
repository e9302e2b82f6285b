//! Settings that are changed while the server runs, and the shims that begin after.

use super::api::no_file_holds;
use super::house::{House, Serving, lines};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;

const KEY: &str = "sk-ant-set-while-it-ran";

async fn set(server: &Serving, key: &str, value: Value) {
    let body = json!({ "value": value });
    let (status, said) = server.ask(Method::PUT, &format!("/config/{key}"), Some(body)).await;
    assert_eq!((status, &said["takes_effect"]), (StatusCode::OK, &json!("now")), "{said}");
}

#[tokio::test]
async fn a_program_is_called_as_the_settings_say_now() {
    let house = House::new();
    let server = house.serve().await;
    let running = server.spawn("until").await;
    server.wait_for(&running, "RUNNING").await;
    set(&server, "runtimes.until.args", json!(["count", "5", "0"])).await;
    let next = server.spawn("until").await;
    server.wait_for(&next, "COMPLETED").await;
    assert_eq!(house.file(&next, 1, "stdout"), lines(5));
    // What runs goes on with what it began with.
    fs::write(house.path().join("enough"), "").unwrap();
    server.wait_for(&running, "COMPLETED").await;
    server.terminate().await;
    house.is_empty().await;
}

#[tokio::test]
async fn a_program_works_where_it_is_told_to_else_where_its_runtime_says() {
    let house = House::new();
    let server = house.serve().await;
    set(&server, "runtimes.where.command", json!(house.path().join("script"))).await;
    let elsewhere = house.path().join("else/where");
    fs::create_dir_all(&elsewhere).unwrap();
    let order = |folder: &Value| json!({ "prompt": "go", "runtime": "where", "workdir": folder });
    let place = async |folder: &Value| {
        let process = server.spawn_with(order(folder)).await;
        server.wait_for(&process, "COMPLETED").await;
        server.content(&process).await.trim().to_owned()
    };
    assert_eq!(place(&json!(elsewhere)).await, elsewhere.display().to_string());
    assert_eq!(place(&Value::Null).await, house.path().display().to_string());
    set(&server, "runtimes.where.cwd", json!("/")).await;
    assert_eq!(place(&Value::Null).await, "/");
    assert_eq!(place(&json!(elsewhere)).await, elsewhere.display().to_string());
    for (folder, words) in [
        (json!("else/where"), "workdir: else/where is not absolute"),
        (json!(house.path().join("script")), "is no folder on the server's machine"),
        (json!("/not/there"), "workdir: /not/there is no folder"),
    ] {
        let (status, said) = server.ask(Method::POST, "/spawn", Some(order(&folder))).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        assert!(said["detail"].as_str().unwrap().contains(words), "{said}");
    }
    let order = json!({ "prompt": "go", "runtime": "replay", "workdir": "/" });
    let (status, said) = server.ask(Method::POST, "/spawn", Some(order)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
    assert!(said["detail"].as_str().unwrap().contains("replay runs no program"), "{said}");
    server.terminate().await;
}

#[tokio::test]
async fn a_folder_that_goes_before_its_program_begins_is_named() {
    let house = House::new().with("CALLBOARD_RUNTIMES__QUIET__CONCURRENCY", "1");
    let server = house.serve().await;
    let first = server.spawn("quiet").await;
    server.wait_for(&first, "RUNNING").await;
    let folder = house.path().join("short-lived");
    fs::create_dir(&folder).unwrap();
    let body = json!({ "prompt": "go", "runtime": "quiet", "workdir": folder, "max_retries": 5 });
    let second = server.spawn_with(body).await;
    fs::remove_dir(&folder).unwrap();
    assert_eq!(server.post(&format!("/processes/{first}/cancel")).await, StatusCode::ACCEPTED);
    let row = server.wait_for(&second, "DEAD").await;
    let error = row["error"].as_str().unwrap();
    assert!(error.contains("there is no folder") && error.contains("short-lived"), "{row}");
    assert_eq!(row["attempt"], 1, "{row}");
    server.terminate().await;
    house.is_empty().await;
}

#[tokio::test]
async fn a_key_that_was_set_reaches_programs_also_after_a_kill_and_lies_in_no_file() {
    let house = House::new();
    let script = house.path().join("keeper");
    fs::write(&script, "#!/bin/sh\ncat > /dev/null\necho \"$ANTHROPIC_API_KEY\" > \"$HOME/key\"\n")
        .unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let server = house.serve().await;
    set(&server, "runtimes.claude.command", json!("./keeper")).await;
    set(&server, "runtimes.claude.api_key", json!(KEY)).await;
    let mut server = server;
    for _ in 0..2 {
        let process = server.spawn("claude").await;
        // It says nothing that Claude Code would say.
        server.wait_for(&process, "DEAD").await;
        let told = fs::read_to_string(house.path().join("key")).unwrap();
        assert_eq!(told.trim(), KEY);
        fs::remove_file(house.path().join("key")).unwrap();
        server.kill();
        server = house.serve().await;
    }
    no_file_holds(&house.home(), KEY);
    server.terminate().await;
    house.is_empty().await;
}
