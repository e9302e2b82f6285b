//! Processes at their end: answered and paid for, dead, cancelled, redriven.

use super::kit::Stage;
use callboard::settings::{RuntimeKind, Secret};
use insta::assert_snapshot;
use serde_json::json;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};

#[tokio::test]
async fn completed_says_what_was_paid_for_each_attempt() {
    let mut stage = Stage::start();
    let id = stage.spawn_until("ID", "stumble first", "COMPLETED").await;
    let row = stage.get(&format!("/processes/{id}")).await.1;
    stage.name(row["session_id"].as_str().unwrap(), "SESSION");
    assert_snapshot!(stage.why(&id).await);
}

/// A provider that refuses every key.
fn refuses() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 8 << 10];
        let _ = stream.read(&mut request).unwrap();
        let body = r#"{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}"#;
        let head =
            "HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\nconnection: close";
        write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
    });
    address
}

#[tokio::test]
async fn a_refused_key_is_no_error_that_a_retry_mends() {
    let provider = refuses();
    let mut stage = Stage::with(|settings| {
        let runtime = settings.runtimes.get_mut("anthropic").unwrap();
        // A shim would be this very test once more.
        runtime.in_process = true;
        let RuntimeKind::Anthropic(anthropic) = &mut runtime.kind else {
            panic!("it is anthropic")
        };
        anthropic.base_url = format!("http://{provider}");
        anthropic.api_key = Some(Secret::new("wrong"));
    });
    let order = json!({ "prompt": "hello", "runtime": "anthropic", "model": "sonnet" });
    let id = stage.spawn_with(order).await;
    stage.name(&id, "ID");
    stage.wait_for(&id, "DEAD").await;
    assert_snapshot!(stage.why(&id).await);
}

#[tokio::test]
async fn out_of_retries_tells_every_attempt() {
    let mut stage = Stage::start();
    let id = stage.spawn_until("ID", "hopeless", "DEAD").await;
    assert_snapshot!("dead_out_of_retries", stage.why(&id).await);
    stage.follow(&id, "callboard retry").await;
    stage.attempt(&id, 6, "DEAD").await;
    assert_snapshot!("dead_again_after_a_redrive", stage.why(&id).await);
}

#[tokio::test]
async fn out_of_time_says_how_long_it_had() {
    let mut stage = Stage::start();
    let order = json!({ "prompt": "for ever", "timeout_s": 1, "max_retries": 0 });
    let id = stage.spawn_with(order).await;
    stage.name(&id, "ID");
    stage.wait_for(&id, "DEAD").await;
    assert_snapshot!("dead_out_of_time", stage.why(&id).await);
    stage.app.stop().await;
    assert_snapshot!("dead_on_a_dead_home", stage.why_without_a_server(&id).await);
}

#[tokio::test]
async fn cancelled_says_by_whom_and_how_to_ask_again() {
    let mut stage = Stage::start();
    let id = stage.spawn_until("ID", "for ever", "RUNNING").await;
    stage.post(&format!("/processes/{id}/cancel"), json!({})).await;
    stage.wait_for(&id, "CANCELLED").await;
    let archive = stage.home().join(format!("prompts/archive/{id}.txt"));
    crate::support::until("the archive", || async {
        let row = stage.get(&format!("/processes/{id}")).await.1;
        (archive.exists() && row["prompt_file"].as_str()?.contains("archive")).then_some(())
    })
    .await;
    assert_snapshot!(stage.why(&id).await);
}
