//! `/messages`, `/health` and `/info`.

use crate::support::{TestApp, is_problem, until};
use reqwest::{Method, StatusCode};
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
    // The archive comes after the answer.
    let all = until("the last message", || async {
        let (_, all) = app.get("/messages?limit=1000&topic=claude.spawn.>").await;
        (all.to_string().matches("SPAWN_ARCHIVED").count() == 10).then_some(all)
    });
    let all = all.await;
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
        ("after=x", "whole number"),
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
    let (status, mut health) = app.get("/health").await;
    assert_eq!(status, StatusCode::OK);
    let instance = health.as_object_mut().unwrap().remove("instance").unwrap();
    let ok = json!({ "ok": true });
    let checks = health["checks"].as_object().unwrap();
    for check in ["database", "disk_space", "message_queue", "actors"] {
        assert_eq!(checks[check], ok, "{check}");
    }
    // What is said beside that depends on where the test runs.
    assert_eq!(checks["adoption"]["ok"], true);
    assert_eq!((checks.len(), &health["status"]), (7, &json!("healthy")));
    let (_, info) = app.get("/info").await;
    assert_eq!((&info["name"], &info["pid"]), (&json!("callboard"), &json!(std::process::id())));
    assert_eq!(info["instance"], instance);
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

#[tokio::test]
async fn a_cursor_beyond_the_end_is_gone() {
    let app = TestApp::start();
    app.spawn("anything").await;
    let far = app.head().await + 1_000_000;
    for wait in ["", "&wait_s=20"] {
        let answer = app.get(&format!("/messages?after={far}{wait}")).await;
        is_problem(&answer, 410, &["begin at 0 again"]);
    }
    let (status, page) = app.get(&format!("/messages?after={}", app.head().await)).await;
    assert_eq!(status, 200, "{page}");
}

#[tokio::test]
async fn the_head_of_whatever_can_be_got_can_be_had_without_the_rest() {
    let app = TestApp::start();
    let id = app.spawn("hello").await;
    app.wait_for(&id, "COMPLETED").await;
    app.post("/agents", json!({ "id": "ada", "profile": "coder" })).await;
    let process = format!("/processes/{id}");
    let paths = [
        "/processes",
        &process,
        "/sessions",
        "/messages",
        "/agents/ada",
        "/actors",
        "/config",
        "/subscriptions",
        "/state",
        "/metrics",
        "/metrics/prometheus",
        "/health",
        "/info",
        "/why/1",
    ];
    for path in paths {
        let got = app.ask(Method::GET, path).send().await.unwrap();
        let head = app.ask(Method::HEAD, path).send().await.unwrap();
        assert_eq!(head.status(), got.status(), "{path}");
        assert_eq!(head.headers()["content-type"], got.headers()["content-type"], "{path}");
        let length = head.headers()["content-length"].to_str().unwrap().parse::<usize>().unwrap();
        assert!(length > 0, "{path}");
        assert_eq!(head.text().await.unwrap(), "", "{path}");
    }
    let missing = app.ask(Method::HEAD, "/processes/nobody").send().await.unwrap();
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    let wrong = app.ask(Method::HEAD, "/spawn").send().await.unwrap();
    assert_eq!(wrong.status(), StatusCode::METHOD_NOT_ALLOWED);
    // What a client sends behind it is answered as what it is.
    let both = format!(
        "HEAD /info HTTP/1.1\r\nhost: {0}\r\nauthorization: Bearer {1}\r\n\r\n\
         GET /health HTTP/1.1\r\nhost: {0}\r\nconnection: close\r\n\r\n",
        app.address, app.token
    );
    let answers = tokio::task::spawn_blocking({
        let address = app.address;
        move || {
            let mut stream = std::net::TcpStream::connect(address).unwrap();
            std::io::Write::write_all(&mut stream, both.as_bytes()).unwrap();
            std::io::read_to_string(stream).unwrap()
        }
    });
    let answers = answers.await.unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200 OK").count(), 2, "{answers}");
    assert_eq!(answers.matches("\"instance\"").count(), 1, "the head had no body: {answers}");
}
