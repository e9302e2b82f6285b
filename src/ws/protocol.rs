//! The words of the connection: what a client may say, and what it hears. All of it is JSON text.
//!
//! | client says | it hears |
//! |---|---|
//! | `{"op":"subscribe","id":1,"topics":["claude.spawn.*"],"after":0}` | `subscribed`, then `message` and `progress` |
//! | `{"op":"follow","id":2,"process_id":"…","offset":0}` | `output` …, `output_end` |
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
    Message { id: &'a Value, message: &'a Message },
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
