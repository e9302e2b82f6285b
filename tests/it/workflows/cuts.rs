//! Answers that break off, from outside: a provider that cuts its streams, a real server, and what its limits say then.

use super::line::say;
use crate::support::{Server, until};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// How a call is answered.
#[derive(Debug, Clone, Copy)]
enum Answer {
    /// The connection breaks in the middle of the text.
    Cut,
    /// It breaks after all that came out was counted, before the end was said.
    CutAtTheEnd,
    /// The API has no room just now.
    Overloaded,
    /// In the middle of the text the API says that it has no room.
    OverloadedWithin,
    Whole,
}

const BEGIN: &str = r#"{"type":"message_start","message":{"model":"claude-haiku-4-5","usage":{"input_tokens":10,"output_tokens":1}}}"#;
const TEXT: &str =
    r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"so"}}"#;
const COUNT: &str =
    r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":4}}"#;
const NO_ROOM: &str =
    r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#;
const END: &str = r#"{"type":"message_stop"}"#;

impl Answer {
    fn text(self) -> String {
        let events: &[&str] = match self {
            Self::Overloaded => {
                return format!(
                    "HTTP/1.1 529 Full\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{NO_ROOM}",
                    NO_ROOM.len()
                );
            }
            Self::Cut => &[BEGIN, TEXT],
            Self::CutAtTheEnd => &[BEGIN, TEXT, COUNT],
            Self::OverloadedWithin => &[BEGIN, TEXT, NO_ROOM],
            Self::Whole => &[BEGIN, TEXT, COUNT, END],
        };
        let events = events.iter().fold(String::new(), |all, data| all + "data: " + data + "\n\n");
        // What is cut promises more than comes.
        let length = events.len() + if matches!(self, Self::Whole) { 0 } else { 99 };
        format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{events}"
        )
    }
}

/// A provider: where it listens, and how often it was asked.
struct Provider {
    base: String,
    asked: Arc<AtomicUsize>,
}

impl Provider {
    /// One that answers like this, and with the last of these for ever.
    async fn answering(answers: &'static [Answer]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        tokio::runtime::Handle::current().spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let call = counted.fetch_add(1, Ordering::SeqCst);
                answer(socket, answers[call.min(answers.len() - 1)]).await;
            }
        });
        Self { base, asked }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// A server that asks it.
    async fn server(&self, folder: &Path) -> Server {
        let definitions = folder.join("workflows");
        std::fs::create_dir_all(&definitions).unwrap();
        std::fs::write(definitions.join("brief.yaml"), BRIEF).unwrap();
        let definitions = definitions.to_string_lossy().into_owned();
        let variables = [
            ("CALLBOARD_WORKFLOWS__FOLDER", definitions.as_str()),
            ("CALLBOARD_RUNTIMES__ANTHROPIC__BASE_URL", self.base.as_str()),
            ("CALLBOARD_RUNTIMES__ANTHROPIC__API_KEY", "a-key"),
        ];
        Server::start(folder, &folder.join("home"), &variables).await
    }
}

async fn answer(mut socket: TcpStream, how: Answer) {
    let mut request = Vec::new();
    let mut piece = [0; 8 << 10];
    // The request has come once its body has: it says at the end for what it is asked.
    while !String::from_utf8_lossy(&request).contains("\"stream\":true") {
        match socket.read(&mut piece).await {
            Ok(0) | Err(_) => return,
            Ok(length) => request.extend_from_slice(&piece[..length]),
        }
    }
    let _ = socket.write_all(how.text().as_bytes()).await;
    let _ = socket.shutdown().await;
}

const BRIEF: &str = r#"
name: brief
description: One word of a model.
state: {said: {}}
limits: {turns: 2}
start: say
nodes:
  say: {agent: {prompt: "Say a word.", runtime: anthropic, model: claude-haiku-4-5}, write: {said: output}}
"#;

/// The workflow's own line of its budget once it has this status.
async fn budget(server: &Server, id: &str, status: &str) -> Value {
    let shown = until(status, || async {
        let (_, shown) = server.get(&format!("/workflows/{id}")).await;
        (shown["status"] == status).then_some(shown)
    });
    shown.await["budget"][0].clone()
}

async fn start(server: &Server, limits: Value) -> String {
    let body = json!({ "type": "brief", "limits": limits });
    let (status, started) = server.post("/workflows", body).await;
    assert!(status.is_success(), "{started}");
    started["workflow_id"].as_str().or(started["id"].as_str()).unwrap().to_owned()
}

#[tokio::test]
async fn an_answer_that_is_cut_costs_its_reservation_and_another_attempt_needs_room() {
    let folder = tempfile::tempdir().unwrap();
    let provider =
        Provider::answering(&[Answer::Cut, Answer::OverloadedWithin, Answer::Whole]).await;
    let server = provider.server(folder.path()).await;
    let id = start(&server, json!({})).await;
    let line = budget(&server, &id, "failed").await;
    assert_eq!(provider.asked(), 2, "there was no room for a third");
    assert_eq!((&line["spent"]["turns"], &line["lost"]["turns"]), (&json!(0), &json!(2)), "{line}");
    assert_eq!(line["reserved"]["turns"], 0);
    // The longest answer, twice, at five dollars a million.
    assert!(line["lost"]["usd"].as_f64().unwrap() > 2.0 * 8192.0 * 5e-6, "{line}");
    let failed = server.said("claude.spawn.failed").await;
    assert!(failed.iter().all(|event| event["charge"] == "unknown"), "{failed:?}");
    let (_, why, _) = say(folder.path(), &["why", &id]).await;
    assert!(why.contains("grants the run its limits anew, as they are written (2 turns)"), "{why}");
}

#[tokio::test]
async fn what_its_stream_has_counted_is_what_a_cut_answer_costs_and_a_refusal_costs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let answers = &[Answer::CutAtTheEnd, Answer::Overloaded, Answer::Whole];
    let provider = Provider::answering(answers).await;
    let server = provider.server(folder.path()).await;
    let id = start(&server, json!({})).await;
    let line = budget(&server, &id, "completed").await;
    assert_eq!(provider.asked(), 3);
    let cost = 10.0 * 1e-6 + 4.0 * 5e-6;
    for part in ["spent", "lost"] {
        assert_eq!(
            (&line[part]["turns"], &line[part]["tokens"]),
            (&json!(1), &json!(14)),
            "{line}"
        );
        assert!((line[part]["usd"].as_f64().unwrap() - cost).abs() < 1e-12, "{line}");
    }
    let charges: Vec<Value> = server.said("claude.spawn.failed").await;
    let charges: Vec<&Value> = charges.iter().map(|event| &event["charge"]).collect();
    assert_eq!(charges[0]["told"]["tokens_out"], 4, "{charges:?}");
    assert_eq!(charges[1], "nothing");
}

#[tokio::test]
async fn a_person_is_asked_before_a_cut_call_is_made_again_and_why_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let provider = Provider::answering(&[Answer::Cut, Answer::Whole]).await;
    let server = provider.server(folder.path()).await;
    let id = start(&server, json!({ "turns": 1, "at_limit": "ask" })).await;
    let held = until("a process that waits for room", || async {
        let (_, page) = server.get("/processes?status=HELD").await;
        page["items"][0]["id"].as_str().map(str::to_owned)
    })
    .await;
    budget(&server, &id, "interrupted").await;
    let (_, why, _) = say(folder.path(), &["why", &held]).await;
    assert!(why.contains("until there is room for attempt 2") && why.contains(&id), "{why}");
    let (_, why, _) = say(folder.path(), &["why", &id]).await;
    assert!(
        why.contains("waits for a person") && why.contains("callboard workflows answer"),
        "{why}"
    );
    assert_eq!(provider.asked(), 1);
    let grant = r#"{"grant":{"turns":1}}"#;
    let answered = say(folder.path(), &["workflows", "answer", &id, grant]).await;
    assert_eq!(answered.0, Some(0), "{answered:?}");
    let line = budget(&server, &id, "completed").await;
    assert_eq!((&line["spent"]["turns"], &line["lost"]["turns"]), (&json!(1), &json!(1)), "{line}");
    assert_eq!(provider.asked(), 2);
}

#[tokio::test]
async fn a_retry_shows_what_was_taken_before_and_that_the_limits_began_anew() {
    let folder = tempfile::tempdir().unwrap();
    let provider = Provider::answering(&[Answer::Cut, Answer::Cut, Answer::Whole]).await;
    let server = provider.server(folder.path()).await;
    let id = start(&server, json!({})).await;
    budget(&server, &id, "failed").await;
    let retried = say(folder.path(), &["workflows", "retry", &id]).await;
    assert_eq!(retried.0, Some(0), "{retried:?}");
    let line = budget(&server, &id, "completed").await;
    assert_eq!((&line["renewed"], &line["before"]["turns"]), (&json!(1), &json!(2)), "{line}");
    assert_eq!((&line["spent"]["turns"], &line["lost"]["turns"]), (&json!(1), &json!(0)), "{line}");
    let (_, table, _) = say(folder.path(), &["workflows", "show", &id]).await;
    assert!(table.contains("1 of 2 turns spent, begun anew once after 2 taken before"), "{table}");
    let (_, why, _) = say(folder.path(), &["why", &id]).await;
    assert!(why.contains("they began anew 1 time"), "{why}");
}
