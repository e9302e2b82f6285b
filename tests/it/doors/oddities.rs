//! Requests that nobody should send: odd paths, odd methods, noise.

use crate::support::{Server, TestApp, is_problem};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use reqwest::{Method, StatusCode};
use serde_json::json;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::time::Duration;

/// Sends bytes as they are and gives the status of the answer; `None`: there was none.
fn raw(address: std::net::SocketAddr, bytes: &[u8]) -> Option<u16> {
    let mut socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    // The server may hang up before everything is said.
    let _ = socket.write_all(bytes);
    let _ = socket.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    let _ = socket.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).split(' ').nth(1)?.parse().ok()
}

fn request(method: &str, path: &[u8], token: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    [method.as_bytes(), b" ", path, head.as_bytes()].concat()
}

/// Every file and folder in a home, but what the database itself does.
fn inventory(home: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![home.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.is_symlink() {
                folders.push(path.clone());
            }
            found.push(path.display().to_string());
        }
    }
    found.retain(|path| !path.contains("callboard.db"));
    found.sort();
    found
}

#[tokio::test]
async fn unknown_paths_and_wrong_methods_are_told_apart() {
    let app = TestApp::start();
    for path in [
        "/",
        "/nowhere",
        "/processes/",
        "/processes/a/b",
        "/spawn/x",
        "/health/x",
        "//",
        "/favicon.ico",
    ] {
        is_problem(&app.get(path).await, 404, &["nothing answers GET"]);
    }
    let wrong = [
        ("/spawn", Method::GET, "POST"),
        ("/processes", Method::DELETE, "GET, HEAD"),
        ("/processes/x", Method::PUT, "GET, HEAD"),
        ("/processes/x/cancel", Method::GET, "POST"),
        ("/messages", Method::DELETE, "GET, HEAD, POST"),
        ("/messages/dead", Method::POST, "GET, HEAD"),
        ("/messages/1/retry", Method::GET, "POST"),
        ("/agents", Method::PUT, "GET, HEAD, POST"),
        ("/agents/x", Method::POST, "GET, HEAD, PATCH, DELETE"),
        ("/agents/x/messages", Method::DELETE, "GET, HEAD, POST"),
        ("/subscriptions", Method::DELETE, "GET, HEAD, POST"),
        ("/subscriptions/x", Method::PUT, "GET, HEAD, DELETE"),
        ("/subscriptions/x/ack", Method::GET, "POST"),
        ("/state/x", Method::POST, "GET, HEAD, PUT, DELETE"),
        ("/actors", Method::POST, "GET, HEAD"),
        ("/actors/x/y", Method::DELETE, "GET, HEAD, POST"),
        ("/health", Method::POST, "GET, HEAD"),
        ("/info", Method::PATCH, "GET, HEAD"),
    ];
    for (path, method, allowed) in wrong {
        let response = app.ask(method.clone(), path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
        assert_eq!(response.headers()["allow"], allowed);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }
}

#[tokio::test]
async fn ids_that_are_none_are_refused_and_touch_nothing() {
    let app = TestApp::start();
    std::fs::write(app.home().join("secret.jsonl"), "{}").unwrap();
    let before = inventory(&app.home());
    let long = "x".repeat(129);
    let ids: [&[u8]; 16] = [
        b"..",
        b"%2e%2e",
        b"a%2fb",
        b"..%2fsecret",
        b"..%2f..%2ftoken",
        b"%00",
        b"a%00b",
        b"%ff%fe",
        b"\xff",
        b"%",
        b"%zz",
        b"-rf",
        b".hidden",
        "ä".as_bytes(),
        b"%25",
        long.as_bytes(),
    ];
    for id in ids {
        for path in
            ["/processes/ID", "/processes/ID/response", "/processes/ID/output", "/sessions/ID"]
        {
            let path = path.replace("ID", "\0").into_bytes();
            let at = path.iter().position(|byte| *byte == 0).unwrap();
            let path = [&path[..at], id, &path[at + 1..]].concat();
            let status = raw(app.address, &request("GET", &path, &app.token, ""));
            assert!(
                matches!(status, Some(400 | 404)),
                "{:?}: {status:?}",
                String::from_utf8_lossy(&path)
            );
        }
        for path in [&b"/processes/"[..], b"/actors/processes/", b"/actors/"] {
            let path = [path, id, b"/cancel"].concat();
            let status = raw(app.address, &request("POST", &path, &app.token, ""));
            assert!(
                matches!(status, Some(400 | 404)),
                "{:?}: {status:?}",
                String::from_utf8_lossy(&path)
            );
        }
    }
    assert_eq!(inventory(&app.home()), before);
    assert_eq!(app.get("/health").await.0, StatusCode::OK);
}

fn odd_request() -> impl Strategy<Value = Vec<u8>> {
    let method = prop_oneof![
        "GET",
        "POST",
        "PUT",
        "DELETE",
        "HEAD",
        "OPTIONS",
        "TRACE",
        "CONNECT",
        "[A-Z]{1,9}"
    ];
    let path = prop_oneof![
        "spawn",
        "processes",
        "messages",
        "actors",
        "sessions",
        "ws",
        "ws/echo",
        "info",
        "[ -~]{0,20}"
    ];
    let more = prop_oneof![
        Just(String::new()),
        "/[ -~]{0,140}",
        "(/[a-z.%0-9]{0,9}){1,5}",
        r"\?[ -~]{0,60}",
        r"\?(limit|after|offset|before|topic|stream|wait_s)=[-a-z0-9.*>%]{0,9}"
    ];
    let body = prop_oneof![
        Just(String::new()),
        r#"\{"(prompt|template|params|priority)":("[ -~]{0,20}"|[0-9]{1,30}|null|\[\]|\{\})\}"#,
        ".{0,200}",
        "[\\[{]{1,300}",
    ];
    let sound = (method, path, more, body).prop_map(|(method, path, more, body)| {
        request(&method, format!("/{path}{more}").as_bytes(), "TOKEN", &body)
    });
    prop_oneof![9 => sound, 1 => proptest::collection::vec(any::<u8>(), 0..400)]
}

#[tokio::test]
async fn noise_hurts_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &folder.path().join("home"), &[]).await;
    let mut runner = TestRunner::deterministic();
    for _ in 0..600 {
        let bytes = odd_request().new_tree(&mut runner).unwrap().current();
        let text = String::from_utf8_lossy(&bytes).replace("TOKEN", &server.token);
        let status = raw(server.address, text.as_bytes());
        assert!(status.is_none_or(|status| status < 500), "{status:?} to {text}");
    }
    let (status, health) = server.get("/health").await;
    assert_eq!(status, StatusCode::OK, "{health}");
    let id = server.spawn("still there").await;
    server.wait_for(&id, "COMPLETED").await;
    let log = server.log();
    assert!(!log.contains("panicked"), "{log}");
    assert_eq!(server.post("/spawn", json!([])).await.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn what_is_wrong_with_parameters_and_paths_is_said_by_name_and_nothing_is_ignored() {
    let app = TestApp::start();
    let whole = "it has to be a whole number from 0 to";
    for (path, words) in [
        ("/processes?limit=x", ["limit:", whole]),
        ("/processes?limit=-1", ["limit:", "and is \"-1\""]),
        ("/messages?after=now", ["after:", "whole number"]),
        ("/workflows?stauts=running", ["there is no parameter \"stauts\"", "status"]),
        ("/actors?limit=deep", ["limit:", "and is \"deep\""]),
        ("/metrics?from=x&from=y", ["from", "more than once"]),
        ("/tools?limit=1", ["there is no parameter \"limit\"", "there are none here"]),
        ("/info?x", ["there is no parameter \"x\"", "none here"]),
        ("/workflows/x/checkpoints/first", ["the path has \"first\"", "whole number"]),
    ] {
        is_problem(&app.get(path).await, 400, &words);
    }
    let body = json!({ "prompt": "anything" });
    let words = ["there is no parameter \"model\"", "none here"];
    is_problem(&app.post("/spawn?model=opus", body.clone()).await, 400, &words);
    is_problem(&app.post("/agents?profile=coder", body.clone()).await, 400, &["\"profile\""]);
    let told = app.get(&format!("/tools?token={}", app.token)).await;
    assert_eq!(told.0, StatusCode::OK, "the token is none of them");
    for (path, body, words) in [
        ("/spawn", json!({ "prompt": "x", "model": "\n" }), "model: it has to be a name"),
        (
            "/workflows/x/fork",
            json!({ "limits": [] }),
            "limits: it has to be an object, and is a list",
        ),
    ] {
        is_problem(&app.post(path, body).await, 422, &[words]);
    }
}
