//! `POST /spawn`: what is accepted, what is not, and what an honest retry hears.

use crate::support::{TestApp, is_problem};
use futures::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::io::Write;

#[tokio::test]
async fn a_spawn_is_answered_with_its_receipt_and_runs() {
    let app = TestApp::start();
    let (status, receipt) = app.post("/spawn", json!({ "prompt": "anything" })).await;
    assert_eq!((status, &receipt["status"]), (StatusCode::ACCEPTED, &json!("queued")));
    let id = receipt["process_id"].as_str().unwrap();
    let row = app.wait_for(id, "COMPLETED").await;
    assert_eq!((&row["runtime"], &row["retry_count"]), (&json!("replay"), &json!(0)), "{row}");
    let (_, turn) = app.get(&format!("/processes/{id}/response")).await;
    assert_eq!((&turn["content"], &turn["prompt"]), (&json!("an answer"), &json!("anything")));
}

#[tokio::test]
async fn everything_that_may_be_wished_is_kept() {
    let app = TestApp::start();
    let wishes = json!({
        "prompt": "wishes", "model": "opus", "runtime": "replay", "agent_id": "ada", "priority": -3,
        "session_id": "talk", "workflow_id": "flow", "timeout_s": 7, "max_retries": 0,
    });
    let id = app.spawn_with(wishes).await;
    let row = app.wait_for(&id, "COMPLETED").await;
    for (column, value) in
        [("model", "opus"), ("agent_id", "ada"), ("session_id", "talk"), ("workflow_id", "flow")]
    {
        assert_eq!(row[column], value, "{row}");
    }
    assert_eq!((&row["priority"], &row["max_retries"]), (&json!(-3), &json!(0)), "{row}");
}

#[tokio::test]
async fn a_wrong_spawn_is_refused_in_words_and_leaves_nothing_behind() {
    let app = TestApp::start();
    std::fs::write(app.home().join("prompts/templates/greet.txt"), "Hello {{ name }}").unwrap();
    let (head, files) = (app.head().await, app.queued_files());
    let refused: &[(Value, u16, &[&str])] = &[
        (json!({}), 422, &["prompt", "template"]),
        (json!({ "prompt": "  \n" }), 422, &["empty"]),
        (json!({ "prompt": 3 }), 422, &["prompt", "a text", "is 3"]),
        (json!([]), 422, &["a JSON object", "is a list"]),
        (json!(["say hello", null]), 422, &["a JSON object", "is a list"]),
        (json!("say hello"), 422, &["a JSON object", "is a text"]),
        (json!({ "prompt": "x", "template": "greet" }), 422, &["either"]),
        (json!({ "prompt": "x", "params": {} }), 422, &["params", "template"]),
        (json!({ "prompt": "x", "promt": "y" }), 422, &["promt", "expected"]),
        (json!({ "template": "nowhere" }), 422, &["nowhere", "prompts/templates"]),
        (json!({ "template": "../../token" }), 400, &["../../token", "id"]),
        (json!({ "template": "greet" }), 422, &["greet", "undefined"]),
        (json!({ "prompt": "x", "runtime": "magic" }), 422, &["magic", "replay", "anthropic"]),
        (json!({ "prompt": "x", "model": "" }), 422, &["model"]),
        (json!({ "prompt": "x", "timeout_s": 0 }), 422, &["timeout_s", "1 to 86400"]),
        (
            json!({ "prompt": "x", "timeout_s": 1e9 }),
            422,
            &["timeout_s", "a whole number", "1000000000"],
        ),
        (json!({ "prompt": "x", "max_retries": 101 }), 422, &["max_retries", "0 to 100"]),
        (
            json!({ "prompt": "x", "priority": "high" }),
            422,
            &["priority", "a whole number", "the text \"high\""],
        ),
        (json!({ "prompt": "x", "session_id": "../evil" }), 422, &["session_id", "../evil"]),
        (json!({ "prompt": "x", "session_id": "latest" }), 422, &["session_id", "another"]),
        (json!({ "prompt": "x", "agent_id": "" }), 422, &["agent_id"]),
        (json!({ "prompt": "x", "workflow_id": "a/b" }), 422, &["workflow_id", "a/b"]),
    ];
    for (body, status, words) in refused {
        let answer = app.post("/spawn", body.clone()).await;
        is_problem(&answer, *status, words);
    }
    for body in ["", "{", "nul", "\u{0}", r#"{"prompt":"x"} trailing"#] {
        let request = app.ask(Method::POST, "/spawn").body(body);
        assert_eq!(request.send().await.unwrap().status(), StatusCode::BAD_REQUEST, "{body:?}");
    }
    let binary = app.ask(Method::POST, "/spawn").body(b"{\"prompt\":\"\xff\xfe\"}".to_vec());
    assert_eq!(binary.send().await.unwrap().status(), StatusCode::BAD_REQUEST);
    // What the tree says of its own start may still come; of a process there is nothing.
    let (_, recorded) = app.get(&format!("/messages?after={head}")).await;
    let mut recorded = recorded["items"].as_array().unwrap().iter();
    assert_eq!(
        (recorded.find(|item| !item["stream"].is_null()), app.queued_files()),
        (None, files)
    );
}

#[tokio::test]
async fn a_template_is_filled_in_strictly() {
    let app = TestApp::start();
    let templates = app.home().join("prompts/templates");
    std::fs::write(templates.join("greet.txt"), "Hello {{ name }}!").unwrap();
    let id = app.spawn_with(json!({ "template": "greet", "params": { "name": "Ada" } })).await;
    app.wait_for(&id, "COMPLETED").await;
    let (_, turn) = app.get(&format!("/processes/{id}/response")).await;
    assert_eq!(turn["prompt"], "Hello Ada!");
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_unread() {
    let app = TestApp::with(|settings| settings.http.max_body_bytes = 1_000.try_into().unwrap());
    let answer = app.post("/spawn", json!({ "prompt": "x".repeat(2_000) })).await;
    is_problem(&answer, 413, &["1000 bytes"]);
    // Without a Content-Length it is noticed on the way.
    let chunks = futures::stream::iter([0; 3].map(|_| Ok::<_, std::io::Error>(vec![b' '; 600])));
    let request = app.ask(Method::POST, "/spawn").body(reqwest::Body::wrap_stream(chunks));
    assert_eq!(request.send().await.unwrap().status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn an_honest_retry_hears_the_first_receipt_also_after_a_restart() {
    let mut app = TestApp::start();
    let body = json!({ "prompt": "once" });
    let first = app.post_spawn("key-1", &body).await;
    assert_eq!(first.0, StatusCode::ACCEPTED);
    assert_eq!(app.post_spawn("key-1", &body).await, first);
    let id = first.1["process_id"].as_str().unwrap().to_owned();
    app.wait_for(&id, "COMPLETED").await;
    assert_eq!(app.post_spawn("key-1", &body).await, first);
    app.restart().await;
    assert_eq!(app.post_spawn("key-1", &body).await, first);
    assert_ne!(app.post_spawn("key-2", &body).await.1, first.1);
    let (_, page) = app.get("/processes").await;
    assert_eq!(page["items"].as_array().unwrap().len(), 2, "{page}");
}

#[tokio::test]
async fn an_honest_retry_is_known_by_what_was_said_also_when_defaults_and_templates_have_changed() {
    let mut app = TestApp::start();
    let template = app.home().join("prompts/templates/greet.txt");
    std::fs::write(&template, "Hello {{ name }}").unwrap();
    let body = json!({ "template": "greet", "params": { "name": "Ada" } });
    let first = app.post_spawn("key", &body).await;
    assert_eq!(first.0, StatusCode::ACCEPTED);
    std::fs::remove_file(&template).unwrap();
    app.restart_with(|settings| {
        settings.processes.default_model = "another".into();
        settings.processes.timeout_s = 7.try_into().unwrap();
    })
    .await;
    assert_eq!(app.post_spawn("key", &body).await, first);
    let another = json!({ "template": "greet", "params": { "name": "Bob" } });
    is_problem(&app.post_spawn("key", &another).await, 422, &["used before"]);
}

#[tokio::test]
async fn a_key_that_comes_back_with_another_body_is_refused() {
    let app = TestApp::start();
    app.post_spawn("key", &json!({ "prompt": "this" })).await;
    for body in [json!({ "prompt": "that" }), json!({ "prompt": "this", "priority": 1 })] {
        is_problem(&app.post_spawn("key", &body).await, 422, &["used before", "new one"]);
    }
    // Neither is it another's prompt that makes the second body right.
    app.post_spawn("other", &json!({ "prompt": "that" })).await;
    is_problem(&app.post_spawn("key", &json!({ "prompt": "that" })).await, 422, &["used before"]);
    for key in ["", &"k".repeat(256)] {
        is_problem(&app.post_spawn(key, &json!({ "prompt": "x" })).await, 400, &["1 to 255"]);
    }
}

#[tokio::test]
async fn many_requests_with_one_key_at_once_are_one_process() {
    let app = TestApp::start();
    let body = json!({ "prompt": "together" });
    let answers = join_all((0..40).map(|_| app.post_spawn("same", &body))).await;
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(answers[0].0, StatusCode::ACCEPTED);
    let (_, page) = app.get("/processes").await;
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_was_sent_runs_also_when_its_client_hangs_up() {
    let app = TestApp::start();
    let keys: Vec<String> = (0..60).map(|number| format!("gone-{number}")).collect();
    for key in &keys {
        let body = json!({ "prompt": "left alone" }).to_string();
        let head = format!(
            "POST /spawn HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nIdempotency-Key: {key}\r\nContent-Length: {}\r\n\r\n",
            app.token,
            body.len(),
        );
        let mut socket = std::net::TcpStream::connect(app.address).unwrap();
        socket.write_all(format!("{head}{body}").as_bytes()).unwrap();
        // Dropped here, while the answer is on its way.
    }
    // Either way a key stands for one process: the retry finds it, or is the first.
    let body = json!({ "prompt": "left alone" });
    for key in &keys {
        let (status, receipt) = app.post_spawn(key, &body).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{receipt}");
        app.wait_for(receipt["process_id"].as_str().unwrap(), "COMPLETED").await;
    }
    let (_, page) = app.get("/processes?limit=1000").await;
    assert_eq!(page["items"].as_array().unwrap().len(), keys.len());
}
