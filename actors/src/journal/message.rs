//! A message that is in the journal.

use super::append::{MessageKind, NewMessage};
use super::store::Spot;
use crate::vocabulary::{MessageId, Position, StreamId, Timestamp, Version};
use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;
use std::sync::OnceLock;

/// One committed row, as readers and subscribers see it. Serialised it is what HTTP and WebSocket show.
#[derive(Debug, Serialize)]
pub struct Message {
    /// Its place in the order of all messages.
    pub position: Position,
    /// What it is.
    pub kind: MessageKind,
    /// `kind/name`, where it belongs to a stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    /// The stream's version after it, of events.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    /// The caller's id, of commands and publications.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// Where it was published; commands are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// The variant's name.
    pub event_type: String,
    /// `completed`, or `failed` for a refused command.
    pub status: &'static str,
    /// The refusal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Box<RawValue>>,
    /// When it was written.
    pub created_at: Timestamp,
    /// Position of the command that brought it about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub causation_id: Option<Position>,
    /// The command at the beginning of it all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// Its content.
    pub data: Box<RawValue>,
    /// The message as a subscriber's frame, encoded once for all of them.
    #[serde(skip)]
    pub(super) frame: OnceLock<Bytes>,
}

impl Message {
    /// A message that has been committed, as readers will see it. Its content is moved, not copied.
    pub(super) fn committed(
        new: NewMessage,
        stream: Option<&StreamId>,
        spot: Spot,
        root: &str,
        now: Timestamp,
    ) -> Self {
        let id = |id: MessageId| id.to_string();
        Self {
            position: spot.position,
            kind: new.kind,
            stream: stream.map(ToString::to_string),
            version: spot.version,
            message_id: new.message_id.map(id),
            topic: match new.kind {
                MessageKind::Publication => new.topic,
                _ => new.topic.map(|topic| format!("{root}.{topic}")),
            },
            event_type: new.event_type,
            status: if new.error.is_some() { "failed" } else { "completed" },
            error: new.error,
            created_at: now,
            causation_id: spot.causation,
            correlation_id: new.correlation.map(id),
            data: new.data,
            frame: OnceLock::new(),
        }
    }

    /// The message encoded by `encode`, which runs at most once in the message's life.
    pub fn encoded(&self, encode: impl FnOnce(&Self) -> Bytes) -> Bytes {
        self.frame.get_or_init(|| encode(self)).clone()
    }
}
