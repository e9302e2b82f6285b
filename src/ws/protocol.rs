//! The words of the connection: what a client may say, and what it hears. All of it is JSON text.
//!
//! | client says | it hears |
//! |---|---|
//! | `{"op":"subscribe","id":1,"topics":["claude.spawn.*"],"after":0}` | `subscribed`, then `message` and `progress` |
//! | `{"op":"follow","id":2,"process_id":"…","offset":0}` | `output` …, `output_end` |
//! | `{"op":"consume","id":3,"subscription":"…"}` | `consuming`, then `message`; `consume_end` when another takes over |
//! | `{"op":"connect","id":4,"agent_id":"…"}` | the same for its mailbox; the agent is connected until that ends |
//! | `{"op":"ack","id":3,"position":17}` | `acked`: everything up to there never comes again |
//! | `{"op":"nack","id":3,"position":17,"error":"…","delay_ms":5000}` | `nacked`: this one comes again, later, or is dead |
//! | `{"op":"unsubscribe","id":1}` | `unsubscribed` |
//! | `{"op":"ping"}` | `pong` |
//!
//! Whatever cannot be done is answered with `error`, which says what, and what to do; the connection
//! stays.

use callboard_actors::journal::Message;
use callboard_actors::processes::Chunk;
use callboard_actors::vocabulary::Position;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a client says.
#[derive(Debug, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Request {
    /// Give me what is published on these topics behind this position.
    Subscribe {
        id: Value,
        topics: Vec<String>,
        #[serde(default)]
        after: Option<Position>,
        #[serde(default)]
        epoch: Option<String>,
    },
    /// Give me what this process's model says, from this offset.
    Follow {
        id: Value,
        process_id: String,
        #[serde(default)]
        attempt: Option<u32>,
        #[serde(default)]
        offset: u64,
    },
    /// Give me what this durable subscription holds.
    Consume { id: Value, subscription: String },
    /// I speak for this agent: give me what is in its mailbox.
    Connect { id: Value, agent_id: String },
    /// I have handled everything up to here.
    Ack { id: Value, position: Position },
    /// I have not handled this one: again, later.
    Nack {
        id: Value,
        position: Position,
        #[serde(default)]
        error: Option<String>,
        #[serde(default)]
        delay_ms: Option<u64>,
    },
    /// No more of that.
    Unsubscribe { id: Value },
    /// Are you there?
    Ping {
        #[serde(default)]
        id: Value,
    },
}

impl Request {
    /// What the answers will be called by.
    pub(super) fn id(&self) -> &Value {
        match self {
            Self::Subscribe { id, .. }
            | Self::Follow { id, .. }
            | Self::Consume { id, .. }
            | Self::Connect { id, .. }
            | Self::Ack { id, .. }
            | Self::Nack { id, .. }
            | Self::Unsubscribe { id }
            | Self::Ping { id } => id,
        }
    }
}

/// What a client hears.
#[derive(Debug, Serialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub(super) enum Reply<'a> {
    /// From here on it comes.
    Subscribed { id: &'a Value, after: Position, head: Position, epoch: &'a str },
    /// A message, in order.
    Message {
        id: &'a Value,
        message: &'a Message,
        #[serde(skip_serializing_if = "Option::is_none")]
        retry_count: Option<u32>,
    },
    /// From here on a durable subscription's messages come.
    Consuming { id: &'a Value, subscription: &'a str, position: Position, epoch: &'a str },
    /// Everything up to here has been handled, durably.
    Acked { id: &'a Value, position: Position },
    /// It was delivered in vain so often, and comes again unless that is enough: then it is `failed`.
    Nacked { id: &'a Value, position: Position, retry_count: u32, status: &'static str },
    /// No more of that subscription comes.
    ConsumeEnd { id: &'a Value, detail: &'a str },
    /// Nothing of what you want up to here: go on from this position.
    Progress { id: &'a Value, position: Position },
    /// What was said.
    Output {
        id: &'a Value,
        #[serde(flatten)]
        chunk: &'a Chunk,
    },
    /// Nothing more comes of this attempt.
    OutputEnd {
        id: &'a Value,
        process_id: &'a str,
        attempt: u32,
        next_offset: u64,
        status: &'a str,
    },
    /// No more comes under this id.
    Unsubscribed { id: &'a Value },
    /// Here I am.
    Pong { id: &'a Value },
    /// That cannot be done.
    Error { id: &'a Value, status: u16, detail: &'a str },
    /// That cursor is worth nothing any more.
    Gone { id: &'a Value, epoch: &'a str, detail: &'a str },
}

impl Reply<'_> {
    /// As JSON text.
    pub(super) fn text(&self) -> String {
        // Strings, numbers and JSON values: it cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}
