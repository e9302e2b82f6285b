//! `/messages`, `/health` and `/info`.

use crate::support::{TestApp, is_problem};
use reqwest::StatusCode;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn positions(page: &Value) -> Vec<i64> {
    page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["position"].as_i64().unwrap())
        .collect()
}

#[tokio::test]
async fn messages_are_read_by_topic_stream_and_position() {
    let app = TestApp::start();
    let id = app.spawn("anything").await;
    app.wait_for(&id, "COMPLETED").await;
    let topics = async |query: &str| -> Vec<String> {
        let (status, page) = app.get(&format!("/messages?limit=1000&{query}")).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        let items = page["items"].as_array().unwrap().iter();
        items.map(|item| item["topic"].as_str().unwrap_or("-").to_owned()).collect()
    };
    let life = ["claude.spawn.request", "claude.spawn.started", "claude.spawn.complete"];
    for pattern in [
        "claude.spawn.*",
        "claude.spawn.%25",
        "claude.spawn.>",
        "claude.spawn.request,claude.spawn.started,claude.spawn.complete",
    ] {
        let found = topics(&format!("topic={pattern}")).await;
        assert!(
            life.iter().all(|topic| found.iter().any(|found| found == topic)),
            "{pattern}: {found:?}"
        );
        assert!(
            found.iter().all(|topic| topic.starts_with("claude.spawn.")),
            "{pattern}: {found:?}"
        );
    }
    assert_eq!(topics("topic=claude.spawn.complete").await.len(), 1);
    assert_eq!(
        topics(&format!("stream=process/{id}&topic=claude.spawn.started")).await,
        ["claude.spawn.started"]
    );
    assert!(topics(&format!("stream=process/{id}")).await.len() > 4, "commands and events");
    assert!(topics("stream=process/nobody").await.is_empty());
    assert!(topics("").await.contains(&"-".to_owned()), "commands too");
}

#[tokio::test]
async fn pages_of_messages_have_neither_gap_nor_overlap() {
    let app = TestApp::start();
    for number in 0..10 {
        let id = app.spawn(&format!("number {number}")).await;
        app.wait_for(&id, "COMPLETED").await;
    }
    let (_, all) = app.get("/messages?limit=1000&topic=claude.spawn.>").await;
    let (mut seen, mut after) = (Vec::new(), 0);
    loop {
        let (_, page) =
            app.get(&format!("/messages?limit=3&after={after}&topic=claude.spawn.>")).await;
        after = page["next"].as_i64().unwrap();
        let found = positions(&page);
        if found.is_empty() {
            break;
        }
        seen.extend(found);
    }
    // What is said after the last answer may come between the two ways of reading.
    let all = positions(&all);
    assert!(all.len() >= 50 && seen.is_sorted_by(|a, b| a < b), "{seen:?}");
    assert_eq!(seen[..all.len()], all);
}

#[tokio::test]
async fn a_request_for_messages_waits_until_there_are_some() {
    let app = TestApp::start();
    let id = app.spawn("first").await;
    app.wait_for(&id, "COMPLETED").await;
    let head = app.head().await;
    let path = format!("/messages?after={head}&wait_s=20&topic=claude.spawn.request");
    let waiting = app.get(&path);
    let spawning = app.spawn("second");
    let ((_, page), id) = futures::join!(waiting, spawning);
    assert_eq!(page["items"][0]["stream"], format!("process/{id}"), "{page}");
    let began = Instant::now();
    let (_, page) = app.get("/messages?wait_s=1&topic=nobody.says.this").await;
    assert!(positions(&page).is_empty() && began.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn wrong_questions_about_messages_are_answered_in_words() {
    let app = TestApp::start();
    let wrong = [
        ("topic=a..b", "a..b"),
        ("topic=", "topic"),
        ("stream=process", "kind/id"),
        ("after=-1", "position"),
        ("stream=process/../x", "../x"),
        ("limit=0", "1 to 1000"),
        ("wait_s=31", "0 to 30"),
        ("after=x", "invalid"),
    ];
    for (query, word) in wrong {
        is_problem(&app.get(&format!("/messages?{query}")).await, 400, &[word]);
    }
    is_problem(&app.get("/messages?epoch=another").await, 410, &["epoch", "begin at 0"]);
    let (_, info) = app.get("/info").await;
    let epoch = info["epoch"].as_str().unwrap();
    assert_eq!(app.get(&format!("/messages?epoch={epoch}")).await.0, StatusCode::OK);
}

#[tokio::test]
async fn health_and_info_say_how_and_what_the_house_is() {
    let app = TestApp::start();
    let (status, health) = app.get("/health").await;
    assert_eq!(status, StatusCode::OK);
    let ok = json!({ "ok": true });
    let checks = json!({ "database": ok, "disk_space": ok, "message_queue": ok, "actors": ok });
    assert_eq!(health, json!({ "status": "healthy", "checks": checks }));
    let (_, info) = app.get("/info").await;
    assert_eq!((&info["name"], &info["pid"]), (&json!("callboard"), &json!(std::process::id())));
    for field in [
        "version",
        "started_at",
        "home",
        "runtimes",
        "default_runtime",
        "epoch",
        "head",
        "topic_root",
    ] {
        assert!(!info[field].is_null(), "{field} is missing: {info}");
    }
}
