//! What has happened to a session.

use crate::vocabulary::{AgentId, Durable, ProcessId, Reference, SessionId, Timestamp, Topic};
use serde::{Deserialize, Serialize};

/// What has happened to a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum Event {
    /// It begins with what was said in another one.
    #[serde(rename = "SESSION_BRANCHED")]
    Branched(Branched),
    /// An answer waits for its line.
    #[serde(rename = "SESSION_TURN_QUEUED")]
    TurnQueued(TurnQueued),
    /// Its line stands in the file.
    #[serde(rename = "SESSION_TURN")]
    TurnAppended(TurnAppended),
    /// It gets none: an operator had it skipped.
    #[serde(rename = "SESSION_TURN_SKIPPED")]
    TurnSkipped(TurnSkipped),
}

/// See [`Event::Branched`]. Nothing is copied: what was said stays in the other session's file, whatever is said there later.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Branched {
    /// This session.
    pub session_id: SessionId,
    /// The other one.
    pub from: SessionId,
    /// How much of its file, in bytes.
    pub bytes: u64,
    /// When it was taken in.
    pub at: Timestamp,
}

/// See [`Event::TurnQueued`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TurnQueued {
    /// This session.
    pub session_id: SessionId,
    /// Which turn it is, from 1; skipped ones count.
    pub number: u64,
    /// Whose answer.
    pub process_id: ProcessId,
    /// Of which attempt.
    pub attempt: u32,
    /// Who speaks.
    pub agent_id: Option<AgentId>,
    /// The line to be written.
    pub spool: Durable<Reference>,
    /// When it was taken in.
    pub at: Timestamp,
}

/// See [`Event::TurnAppended`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TurnAppended {
    /// Whose answer.
    pub process_id: ProcessId,
    /// Of which attempt.
    pub attempt: u32,
    /// The line: which file, which line, which content.
    pub line: Durable<Reference>,
    /// How long the file is with it: the committed length, in bytes.
    pub length: u64,
    /// When it was recorded.
    pub at: Timestamp,
}

/// See [`Event::TurnSkipped`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TurnSkipped {
    /// Whose answer.
    pub process_id: ProcessId,
    /// Of which attempt.
    pub attempt: u32,
    /// Who wanted it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl Event {
    /// Where it is published.
    pub(super) fn topic(&self) -> Topic {
        match self {
            Self::Branched(_) => Topic::of("session.branched"),
            Self::TurnQueued(_) => Topic::of("session.turn_queued"),
            Self::TurnAppended(_) => Topic::of("session.turn"),
            Self::TurnSkipped(_) => Topic::of("session.turn_skipped"),
        }
    }
}
