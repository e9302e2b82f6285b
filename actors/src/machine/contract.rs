//! [`Machine`]: the contract between a domain and its host.

use super::Row;
use crate::vocabulary::{Durable, EffectKey, MessageId, Reference, StreamId, Timestamp, Topic};
use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;
use std::fmt::Debug;

/// A state machine whose past is its journal. Pure: no I/O, no clock, no randomness, no actor.
///
/// Commands and events are enums with `#[serde(tag = "type", content = "data")]`: the tag becomes the
/// message's `event_type`, the content its `data`.
pub trait Machine: Default + Debug + Unpin + 'static {
    /// Names its streams on disk (`process` in `process/0191…`); never changes.
    const KIND: &'static str;
    /// What one may ask of it, in the imperative.
    type Command: Clone + Serialize + DeserializeOwned + Debug + Send + Sync + Unpin + 'static;
    /// What has happened to it, in the past tense.
    type Event: Serialize + DeserializeOwned + Debug + Send + Sync + 'static;
    /// Work in the world outside.
    type Effect: Debug + 'static;
    /// Why it does not do what was asked. Stored, so that an honest retry gets it back.
    type Refusal: std::error::Error
        + Serialize
        + DeserializeOwned
        + Clone
        + Send
        + Sync
        + Unpin
        + 'static;

    /// What a command brings about in this state: events (none is an answer too), or a refusal.
    fn decide(
        &self,
        command: &Self::Command,
        context: &Context<'_>,
    ) -> Result<Vec<Self::Event>, Self::Refusal>;

    /// Takes an event in. Total: a rebuild cannot fail half way.
    fn apply(&mut self, event: &Self::Event);

    /// The work still open outside, from state alone.
    fn wants(&self) -> BTreeMap<EffectKey, Want<Self::Effect>>;

    /// Whether it has come to its end and nothing more is expected of it, so that it need not be kept awake for long.
    fn is_over(&self) -> bool {
        false
    }

    /// Where an event is published, below the topic root.
    fn topic(event: &Self::Event) -> Topic;

    /// What the read model shows of this state; `None` where nothing is shown.
    fn row(&self) -> Option<Row>;

    /// Which content an event keeps from being deleted, or lets go.
    fn held(_event: &Self::Event) -> Vec<Held> {
        Vec::new()
    }

    /// Whether the events that a command has brought about say all that it said. Then the journal keeps nothing of it
    /// but what it takes to know it again: what is large would stand there twice.
    fn is_said_by(_command: &Self::Command, _events: &[Self::Event]) -> bool {
        false
    }

    /// The command by which it goes on without the outcome of an effect that an operator skipped: the
    /// key is spent, so it has to end the wish. `None`: it cannot, and is parked.
    fn when_skipped(&self, _key: &EffectKey, _by: &str) -> Option<Self::Command> {
        None
    }

    /// Its state as text, where its streams may become long: so that nobody has to read them from their beginning.
    /// `None`: they do not.
    fn snapshot(&self) -> Option<String> {
        None
    }

    /// The state that a snapshot says; `None`: this program cannot read it, and folds anew.
    fn recalled(_snapshot: &str) -> Option<Self> {
        None
    }

    /// Whether a command (by its variant's name) is told by nobody but an effect of its own: told again when its key is
    /// spent it is no news, so that nobody has to remember for long what came of it.
    fn is_own(_event_type: &str) -> bool {
        false
    }

    /// The columns that change in its row when it is parked and whatever worked for it went with its
    /// server: nothing may be shown as running that does not. `None`: nothing was running.
    fn row_when_abandoned(&self) -> Option<Row> {
        None
    }

    /// The columns that change in its row when an operator ends it with `fail`: the machine itself
    /// cannot be asked, it may be what is broken.
    fn row_when_failed(_why: &str, _now: Timestamp) -> Option<Row> {
        None
    }
}

/// What a decision may know besides the state and the command.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The stream that decides.
    pub stream: &'a StreamId,
    /// The command's identity.
    pub message_id: MessageId,
    /// When the host took the command up.
    pub now: Timestamp,
}

/// Open work: what is to be done, and from when on.
#[derive(Debug, PartialEq)]
pub struct Want<E> {
    /// The work.
    pub effect: E,
    /// Not before this moment; `None`: now.
    pub due: Option<Timestamp>,
}

impl<E> Want<E> {
    /// Wanted at once.
    pub fn now(effect: E) -> Self {
        Self { effect, due: None }
    }

    /// Wanted from `due` on.
    pub fn at(due: Timestamp, effect: E) -> Self {
        Self { effect, due: Some(due) }
    }
}

/// What an event does to the life of content on disk.
#[derive(Debug, Clone, PartialEq)]
pub enum Held {
    /// The content is needed where the reference says.
    Keep(Durable<Reference>),
    /// The content that was needed at one place is needed at another, where it lies already. Once this
    /// is committed, the journal removes the file at the first.
    Moved {
        /// The first place.
        from: Reference,
        /// The other.
        to: Durable<Reference>,
    },
    /// The content is not needed at that place any more; it may be cleaned up by age.
    Release(Reference),
}
