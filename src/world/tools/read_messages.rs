//! `read_messages`: what was said on topics, from a position on. Bounded: a model has to read all that it is given.

use super::act::{Act, Called, fault, read, safe};
use callboard_actors::journal::{Journal, Message};
use callboard_actors::tools::{Caller, Tool, ToolError};
use callboard_actors::vocabulary::{Patterns, Position};
use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};

/// So many messages at most, where nothing is said.
const USUAL: usize = 20;

/// So many at most.
const MOST: usize = 100;

/// So many bytes of content at most; at least one message.
const MOST_BYTES: usize = 50_000;

pub(super) fn tool() -> Tool {
    safe(
        "read_messages",
        "Reads messages that were published on a topic, or on all topics of a pattern, oldest first. Gives the messages \
         (position, topic, event_type, data), and as next the position to pass as after to read what comes later; more \
         says whether there is more already. It does not wait.",
        json!({
            "type": "object",
            "required": ["topic"],
            "additionalProperties": false,
            "properties": {
                "topic": {
                    "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" }, "minItems": 1 }],
                    "description": "A topic, or a pattern: * is any one level, > at the end is all further levels. Or several.",
                },
                "after": { "type": "integer", "minimum": 0, "description": "Only messages behind this position; else from the beginning." },
                "limit": { "type": "integer", "minimum": 1, "maximum": MOST, "description": "So many at most; else 20." },
            },
        }),
    )
}

pub(super) struct ReadMessages(pub(super) Journal);

#[derive(Deserialize)]
struct Arguments {
    topic: Topics,
    #[serde(default)]
    after: Position,
    limit: Option<usize>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Topics {
    One(String),
    Many(Vec<String>),
}

impl Act for ReadMessages {
    fn call(&self, arguments: Value, _: Caller) -> Called {
        let journal = self.0.clone();
        async move {
            let Arguments { topic, after, limit } = read(arguments)?;
            let topics = match &topic {
                Topics::One(topic) => vec![topic.as_str()],
                Topics::Many(topics) => topics.iter().map(String::as_str).collect(),
            };
            let patterns = Patterns::parse(&topics);
            let patterns = patterns.map_err(|error| ToolError::new(error.to_string()))?;
            let head = journal.feed().head();
            let limit = limit.unwrap_or(USUAL).min(MOST);
            let page = journal.messages(Some(patterns), after, limit).await;
            let page = page.map_err(|error| fault(&error))?;
            let end = page.next.unwrap_or_else(|| head.max(after));
            Ok(told(page.items.iter().map(AsRef::as_ref), end, page.next.is_some()))
        }
        .boxed_local()
    }
}

/// As many as there is room for.
fn told<'a>(messages: impl Iterator<Item = &'a Message>, end: Position, more: bool) -> Value {
    let (mut items, mut bytes, mut last) = (Vec::new(), 0, 0);
    for message in messages {
        bytes += message.data.get().len();
        if bytes > MOST_BYTES && !items.is_empty() {
            return json!({ "messages": items, "next": last, "more": true });
        }
        last = message.position;
        items.push(json!({
            "position": message.position,
            "topic": message.topic,
            "event_type": message.event_type,
            "data": message.data,
        }));
    }
    let end = end.max(last);
    json!({ "messages": items, "next": end, "more": more })
}
