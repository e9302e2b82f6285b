//! Following, against a scripted source.

use std::collections::VecDeque;

use serde_json::{Value, json};

use super::follow::Follow;
use super::progress::Progress;
use super::source::{Cursor, Source, Wait};
use crate::cli::api::{Chunk, Message, Messages};
use crate::cli::failure::Failure;
use crate::cli::out::tests::Captured;
use crate::cli::{Exit, read};

/// Says what was written down, in order, and keeps what it was asked.
#[derive(Default)]
struct Script {
    chunks: VecDeque<(Cursor, Chunk)>,
    news: VecDeque<(i64, Wait, Messages<Message>)>,
}

impl Script {
    /// Expects to be asked for this and says that.
    fn says(mut self, attempt: Option<u32>, offset: u64, chunk: Chunk) -> Self {
        self.chunks.push_back((Cursor { attempt, offset }, chunk));
        self
    }

    fn tells(mut self, after: i64, wait: Wait, next: i64, items: &[Value]) -> Self {
        let items = items.iter().map(|item| read(item.clone()).unwrap()).collect();
        let news = Messages { items, next: Some(next), head: next, epoch: String::new() };
        self.news.push_back((after, wait, news));
        self
    }
}

impl Source for &mut Script {
    async fn output(&mut self, _: &str, cursor: Cursor) -> Result<Chunk, Failure> {
        let (expected, chunk) = self.chunks.pop_front().expect("more output was asked for");
        assert_eq!(cursor, expected);
        Ok(chunk)
    }

    async fn news(
        &mut self,
        _: &str,
        after: i64,
        wait: Wait,
    ) -> Result<Messages<Message>, Failure> {
        let (from, patience, news) = self.news.pop_front().expect("more news were asked for");
        assert_eq!((after, wait), (from, patience));
        Ok(news)
    }
}

fn chunk(attempt: u32, next_offset: u64, data: &str, status: &str, is_over: bool) -> Chunk {
    Chunk { attempt, next_offset, data: data.into(), status: status.into(), is_over }
}

fn message(position: i64, event_type: &str, data: &Value) -> Value {
    json!({ "position": position, "kind": "event", "event_type": event_type, "data": data })
}

/// Follows to the end: what was printed, and what came of it. The script has to be used up.
async fn followed(mut script: Script) -> (String, Result<String, Failure>) {
    let captured = Captured::default();
    let mut follow = Follow::new(&mut script, Progress::off(), "p", false);
    let result = follow.until_the_end(&mut captured.out()).await;
    drop(follow);
    assert!(script.chunks.is_empty() && script.news.is_empty(), "not all was asked for");
    (captured.text(), result)
}

#[tokio::test]
async fn an_answer_is_printed_piece_by_piece_from_offset_to_offset() {
    let script = Script::default()
        .says(None, 0, chunk(1, 3, "Hel", "RUNNING", false))
        .says(Some(1), 3, chunk(1, 6, "lo!", "RUNNING", false))
        .says(Some(1), 6, chunk(1, 6, "", "COMPLETED", true));
    assert_eq!(followed(script).await, ("Hello!".into(), Ok("Hello!".into())));
}

#[tokio::test]
async fn while_a_process_queues_the_current_attempt_is_asked_for() {
    let script = Script::default()
        .says(None, 0, chunk(0, 0, "", "PENDING", false))
        .tells(0, Wait::No, 2, &[message(2, "SPAWN_REQUEST", &json!({}))])
        .says(None, 0, chunk(1, 1, "a", "COMPLETED", true));
    assert_eq!(followed(script).await, ("a".into(), Ok("a".into())));
}

#[tokio::test]
async fn an_answer_that_is_still_being_recorded_is_waited_for_without_asking_for_more_output() {
    let script = Script::default()
        .says(None, 0, chunk(1, 1, "a", "SUCCESS", true))
        .tells(0, Wait::Yes, 5, &[message(3, "SPAWN_ADMITTED", &json!({ "attempt": 1 }))])
        .tells(5, Wait::Yes, 6, &[message(6, "SPAWN_COMPLETE", &json!({}))]);
    assert_eq!(followed(script).await, ("a".into(), Ok("a".into())));
}

#[tokio::test]
async fn a_retry_is_followed_from_its_own_beginning_and_only_its_words_count() {
    let failed =
        message(4, "SPAWN_FAILED", &json!({ "attempt": 1, "kind": "passing", "error": "busy" }));
    let retry = message(5, "SPAWN_RETRY", &json!({ "due": "soon" }));
    let admitted = message(7, "SPAWN_ADMITTED", &json!({ "attempt": 2 }));
    let script = Script::default()
        .says(None, 0, chunk(1, 3, "Hel", "RUNNING", false))
        .says(Some(1), 3, chunk(1, 3, "", "RETRY", true))
        .tells(0, Wait::Yes, 5, &[failed, retry])
        .tells(5, Wait::Yes, 5, &[])
        .tells(5, Wait::Yes, 7, &[admitted])
        .says(None, 0, chunk(2, 2, "Hi", "COMPLETED", true));
    assert_eq!(followed(script).await, ("Hel\nHi".into(), Ok("Hi".into())));
}

#[tokio::test]
async fn a_dead_process_is_at_its_end() {
    let script = Script::default().says(None, 0, chunk(3, 0, "", "DEAD", true));
    assert_eq!(followed(script).await, (String::new(), Ok(String::new())));
}

#[tokio::test]
async fn a_process_that_is_parked_ends_the_following_with_what_to_do() {
    let parked = message(4, "ENTITY_PARKED", &json!({ "by": "panic", "why": "out of bounds" }));
    let script = Script::default().says(None, 0, chunk(1, 0, "", "STARTING", false)).tells(
        0,
        Wait::No,
        4,
        &[parked],
    );
    let failure = followed(script).await.1.unwrap_err();
    assert_eq!(failure.exit, Exit::Failed);
    assert!(failure.message.contains("out of bounds") && failure.message.contains("operate"));
}

#[tokio::test]
async fn one_that_was_parked_and_resumed_is_followed_on() {
    let parked = message(4, "ENTITY_PARKED", &json!({ "by": "panic", "why": "out of bounds" }));
    let resumed = message(5, "ENTITY_RESUMED", &json!({ "by": "operator" }));
    let script = Script::default()
        .says(None, 0, chunk(1, 0, "", "STARTING", false))
        .tells(0, Wait::No, 5, &[parked, resumed])
        .says(Some(1), 0, chunk(1, 1, "a", "COMPLETED", true));
    assert_eq!(followed(script).await.0, "a");
}
