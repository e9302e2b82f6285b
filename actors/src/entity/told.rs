//! What an entity is told, and what it answers.

use crate::journal::{Fault, Parked, ParkedCommand};
use crate::machine::{Machine, tagged};
use crate::vocabulary::{EffectKey, MessageId, Position, Version};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

/// A command on its way to an entity.
#[derive(Debug)]
pub struct Told<M: Machine> {
    /// Its identity, brought by the caller.
    pub message_id: MessageId,
    /// What is asked.
    pub command: M::Command,
    /// Who asks.
    pub origin: Origin,
    /// The command at the beginning of it all; `None`: this one, or the stream's first.
    pub correlation: Option<MessageId>,
    /// Where the answer goes.
    pub(super) reply: oneshot::Sender<Answer<M>>,
    /// Whether the machine has panicked on it before.
    pub(super) panicked: bool,
}

impl<M: Machine> Told<M> {
    /// A caller's command that was kept while its entity was parked, as it will be told again; the
    /// caller has had an answer.
    pub(super) fn again(parked: &ParkedCommand) -> serde_json::Result<Self> {
        let command = tagged::join(&parked.event_type, &parked.data)?;
        Ok(Self::unasked(parked.message_id, command))
    }

    /// A command for whose answer nobody waits.
    pub(super) fn unasked(message_id: MessageId, command: M::Command) -> Self {
        let (reply, _) = oneshot::channel();
        let origin = Origin::Caller;
        Self { message_id, command, origin, correlation: None, reply, panicked: false }
    }
}

/// What comes back.
pub(super) type Answer<M> = Result<Receipt, TellError<<M as Machine>::Refusal>>;

/// Who tells a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A client, a service, another entity.
    Caller,
    /// An effect that still works: it counts while its key is wanted.
    News(EffectKey),
    /// An effect that has ended: it counts while its key is wanted, and has to end that wish.
    Outcome(EffectKey),
}

impl Origin {
    /// The effect it comes from.
    pub(super) fn effect(&self) -> Option<&EffectKey> {
        match self {
            Self::Caller => None,
            Self::News(key) | Self::Outcome(key) => Some(key),
        }
    }
}

/// Says that a command and what it brought about are in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Where the command stands.
    pub position: Position,
    /// The stream's version after it.
    pub version: Version,
    /// It had been told before: this is the first receipt.
    pub repeated: bool,
}

/// Why a command brought nothing about.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TellError<R> {
    /// The machine's answer. It is on the record.
    #[error("{0}")]
    Refused(R),
    /// The id was used before, with another body.
    #[error("this id was used before for another request: use a new one")]
    DifferentBody,
    /// The entity is kept from acting.
    #[error("{} keeps this entity from acting since {}: {}", .0.by, .0.since, .0.why)]
    Parked(Parked),
    /// An operator had this command skipped.
    #[error("an operator skipped this command: {0}")]
    Skipped(String),
    /// More waits than there is room for.
    #[error("too many commands wait: ask again later")]
    Overloaded,
    /// Nobody hosts this kind now.
    #[error(
        "the hosts of this kind are being restarted: ask again with the same id; /actors shows how they are"
    )]
    Unattended,
    /// Ours to mend.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl<R> TellError<R> {
    /// Whether the same command, told again with the same id, may get another answer.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Parked(parked) => !parked.failed,
            Self::Overloaded | Self::Unattended | Self::Fault(_) => true,
            Self::Refused(_) | Self::DifferentBody | Self::Skipped(_) => false,
        }
    }
}
