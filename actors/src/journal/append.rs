//! What the journal is asked to write.

use super::Fault;
use crate::machine::{Change, Held};
use crate::vocabulary::{MessageId, Position, StreamId, Timestamp, Version};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tokio::sync::oneshot;

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MessageKind {
    /// A wish that was told to a stream.
    Command,
    /// A fact of a stream, which its machine applies.
    Event,
    /// Something its host did to a stream: parked it, noted a late outcome. No machine sees it.
    Fact,
    /// Something said on a topic, outside any stream.
    Publication,
}

impl MessageKind {
    /// As it stands in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Event => "event",
            Self::Fact => "fact",
            Self::Publication => "publication",
        }
    }
}

/// One row to be.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// What it is.
    pub kind: MessageKind,
    /// The caller's id, of commands.
    pub message_id: Option<MessageId>,
    /// Where it is published: below the root, of publications the whole topic; `None`: nowhere.
    pub topic: Option<String>,
    /// The variant's name.
    pub event_type: String,
    /// The refusal, of a command that failed.
    pub error: Option<Box<RawValue>>,
    /// Its content. What is not JSON cannot be put here: in the writer's hands nobody checks it again.
    pub data: Box<RawValue>,
    /// Which message of the same append brought this one about (its index).
    pub caused_by: Option<usize>,
    /// The command at the beginning of it all.
    pub correlation: Option<MessageId>,
}

/// Why an entity is kept from acting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    /// `panic`, `stuck`, `restarts` or the operator who did it.
    pub by: String,
    /// What happened, in words.
    pub why: String,
    /// Since when.
    pub since: Timestamp,
    /// The command that it cannot digest, kept so that an operator can have it told again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<ParkedCommand>,
    /// An operator ended the stream: nothing more will happen to it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub failed: bool,
}

impl Parked {
    /// Whether whoever parked it is the host itself: something went wrong, nobody decided it. All other
    /// names are operators'.
    pub fn is_by_accident(by: &str) -> bool {
        matches!(by, "panic" | "stuck" | "journal" | "restarts" | "start-up")
    }
}

/// A command that waits in a parked entity for an operator's decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParkedCommand {
    /// Its caller's id.
    pub message_id: MessageId,
    /// Its variant.
    pub event_type: String,
    /// Its content.
    pub data: Box<str>,
    /// The effect it is the outcome of, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<crate::vocabulary::EffectKey>,
}

/// What an append says of when its entity has to be up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// Only when told something (`None`), always (0), or from a moment on.
    At(Option<Timestamp>),
    /// What was said before holds: of facts, which do not change what the machine wants.
    AsBefore,
}

/// Rows for one stream, written whole or not at all.
#[derive(Debug)]
pub struct Append {
    /// Which stream.
    pub stream: StreamId,
    /// The position of its newest message, as it has to be now; 0: it must not exist. (Not its version:
    /// commands without events and facts count too.)
    pub head: Position,
    /// The rows, in order.
    pub messages: Vec<NewMessage>,
    /// Its read model afterwards; `None` leaves it as it is.
    pub row: Option<Change>,
    /// When its entity has to be up.
    pub wake: Wake,
    /// Whether it is parked afterwards.
    pub parked: Option<Parked>,
    /// What happens to the life of content.
    pub held: Vec<Held>,
    /// Where its fold may begin from now on.
    pub snapshot: Option<Snapshot>,
    /// Where the answer goes, once durable.
    pub reply: oneshot::Sender<Result<Committed, Fault>>,
}

/// What a stream's messages amount to up to one of them, so that nobody has to read those any more to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The newest message that it has taken in.
    pub position: Position,
    /// What they amount to, in the words of whoever hosts the stream.
    pub data: String,
}

impl Snapshot {
    /// By which program it was folded: another one folds anew.
    pub(super) const PROGRAM: &'static str = env!("CARGO_PKG_VERSION");
}

/// Something said outside any stream.
#[derive(Debug)]
pub struct Publish {
    /// The row.
    pub message: NewMessage,
    /// Where the answer goes, if anyone waits for it.
    pub reply: Option<oneshot::Sender<Result<Committed, Fault>>>,
}

/// Says that rows are on disk to stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// Position of the first row.
    pub first: Position,
    /// The stream's version now (0 for a publication).
    pub version: Version,
}
