//! `messages`: the journal from a position on, and into the present with `--follow`.

use std::time::Duration;

use serde_json::Value;

use super::api::{self, Message};
use super::args::Messages;
use super::client::Client;
use super::context::Context;
use super::failure::{Failure, Outcome};
use super::out::{Out, remark};
use super::patience::Patience;
use super::table::cut;
use super::{Exit, read};

/// How many are listed where nothing is said.
const LIMIT: u64 = 100;

/// How many are asked for at once.
const PAGE: u64 = 500;

/// How long the server may hold back its answer.
const WAIT: Duration = Duration::from_secs(25);

/// How much of a message's content is drawn for people.
pub(super) const WIDTH: usize = 100;

pub(super) async fn run(context: &Context, messages: &Messages, out: &mut Out) -> Outcome {
    let client = context.client().await?;
    let mut reading = Reading::begin(client, messages).await?;
    loop {
        let before = reading.after;
        let page = reading.next_page(context).await?;
        for item in &page.items {
            print(context, item, out)?;
        }
        let is_at_the_end = reading.after == before || reading.after >= page.head;
        if reading.is_done(is_at_the_end) {
            return Ok(Exit::Done);
        }
    }
}

fn print(context: &Context, item: &Value, out: &mut Out) -> Result<(), Failure> {
    if context.is_json {
        out.json_line(item)?;
    } else {
        let width = if out.is_terminal() { WIDTH } else { usize::MAX };
        out.line(drawn(&read(item.clone())?, width))?;
    }
    Ok(())
}

/// How far has been read.
struct Reading<'a> {
    client: Client,
    messages: &'a Messages,
    after: i64,
    left: u64,
    epoch: Option<String>,
    patience: Patience,
}

impl<'a> Reading<'a> {
    /// Begins where it was said, else at the beginning; with `--follow` at the present.
    async fn begin(client: Client, messages: &'a Messages) -> Result<Self, Failure> {
        let after = match messages.after {
            Some(after) => i64::try_from(after).unwrap_or(i64::MAX),
            None if messages.follow => {
                let query = [("limit", "1".to_owned())];
                client.get::<api::Messages<Value>>("/messages", &query).await?.head
            }
            None => 0,
        };
        let most = if messages.follow { u64::MAX } else { LIMIT };
        let left = messages.limit.unwrap_or(most);
        Ok(Self { client, messages, after, left, epoch: None, patience: Patience::default() })
    }

    async fn next_page(&mut self, context: &Context) -> Result<api::Messages<Value>, Failure> {
        loop {
            let wait = if self.messages.follow { WAIT } else { Duration::ZERO };
            match self.client.get_within("/messages", &self.query(wait), wait).await {
                Ok(page) => {
                    self.patience = Patience::default();
                    return self.take(page);
                }
                // Who follows waits for the server to come back.
                Err(failure) if self.messages.follow => {
                    self.patience.bear(failure).await?;
                    if let Ok(client) = context.client().await {
                        self.client = client;
                    }
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    fn take(&mut self, page: api::Messages<Value>) -> Result<api::Messages<Value>, Failure> {
        let epoch = self.epoch.get_or_insert_with(|| page.epoch.clone());
        if *epoch != page.epoch {
            let text = "the database was restored from a backup, positions begin anew: start again";
            return Err(Failure::new(Exit::Refused, text));
        }
        self.after = page.next.unwrap_or(self.after).max(self.after);
        self.left = self.left.saturating_sub(page.items.len() as u64);
        Ok(page)
    }

    /// Whether nothing more is to be read.
    fn is_done(&self, is_at_the_end: bool) -> bool {
        if self.left == 0 && !is_at_the_end && !self.messages.follow {
            remark(format!("there may be more: go on with --after {}", self.after));
        }
        self.left == 0 || (is_at_the_end && !self.messages.follow)
    }

    fn query(&self, wait: Duration) -> Vec<(&'static str, String)> {
        let mut query =
            vec![("after", self.after.to_string()), ("limit", self.left.min(PAGE).to_string())];
        query.extend(self.messages.topic.clone().map(|topic| ("topic", topic)));
        query.extend(self.messages.stream.clone().map(|stream| ("stream", stream)));
        if !wait.is_zero() {
            query.push(("wait_s", wait.as_secs().to_string()));
        }
        query
    }
}

/// A message in one line.
pub(super) fn drawn(message: &Message, width: usize) -> String {
    let Message { position, kind, event_type, created_at, .. } = message;
    let refused = if message.status == "failed" { " refused" } else { "" };
    let place = message.topic.as_deref().or(message.stream.as_deref()).unwrap_or("-");
    let content = match &message.error {
        Some(error) => error.to_string(),
        None => message.data.to_string(),
    };
    let content = cut(&content, width);
    format!("{position:>6}  {created_at}  {kind}{refused}  {event_type}  {place}  {content}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn message(value: Value) -> Message {
        read(value).unwrap()
    }

    #[test]
    fn a_message_is_one_line_with_its_topic_or_its_stream() {
        let event = message(json!({
            "position": 3, "kind": "event", "stream": "process/p", "topic": "claude.spawn.retry", "version": 2,
            "event_type": "SPAWN_RETRY", "status": "completed", "created_at": "2026", "data": { "due": "later" },
        }));
        assert_eq!(
            drawn(&event, WIDTH),
            r#"     3  2026  event  SPAWN_RETRY  claude.spawn.retry  {"due":"later"}"#
        );
        let refused = message(json!({
            "position": 4, "kind": "command", "stream": "process/p", "event_type": "CANCEL", "status": "failed",
            "error": { "type": "unknown" }, "created_at": "2026", "data": {},
        }));
        assert_eq!(
            drawn(&refused, WIDTH),
            r#"     4  2026  command refused  CANCEL  process/p  {"type":"unknown"}"#
        );
    }
}
