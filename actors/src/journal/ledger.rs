//! The ledger: what is written beside the messages and is none, because nobody needs its history:
//! cursors, deliveries that went wrong, keys of publications, what shared state holds.
//!
//! The writer writes it in the same batches as the messages, so an acknowledgement costs a row changed in
//! a commit that happens anyway. A rebuild of read models leaves it alone: no message tells it.

use super::store::ledger as sql;
use super::{Fault, Journal, Message, NewMessage, Reader};
use crate::vocabulary::{Hash, MessageId, Name, Position, Timestamp};
use serde::Serialize;
use std::sync::Arc;
use tokio::sync::oneshot;

/// One thing to write into the ledger.
#[derive(Debug)]
pub enum Entry {
    /// A service has come so far.
    Mark {
        /// Which service's mark.
        key: &'static str,
        /// How far.
        position: Position,
    },
    /// There is to be a subscription; one that is there already stays as it is.
    Subscribe(NewSubscription),
    /// There is to be none.
    Unsubscribe(Name),
    /// A subscription is to be delivered to, or is paused.
    Activate {
        /// Which one.
        name: Name,
        /// Whether it is to be delivered to.
        active: bool,
    },
    /// A subscription whose epoch has passed goes on in this one, at its position.
    Adopt(Name),
    /// Everything up to here has been handled.
    Acknowledge {
        /// By which subscription.
        name: Name,
        /// Up to where; below the cursor: this message alone, delivered once more.
        upto: Position,
    },
    /// A consumer has refused a delivery: it is to be tried again, or was tried often enough.
    Nack(Nack),
    /// A delivery is to be tried again.
    Retry(Setback),
    /// A delivery has been tried often enough: the message is dead, and the cursor passes it.
    Bury(Setback),
    /// A dead message is to be delivered once more.
    Redrive {
        /// Which message.
        position: Position,
        /// To which subscription; `None`: to all at which it is dead.
        name: Option<Name>,
    },
    /// Something is said outside any stream, under a key that makes it happen once.
    Publish {
        /// The key.
        key: String,
        /// What is said.
        message: NewMessage,
    },
    /// A request was carried out under a key; a key that is there already stays as it is.
    Remember {
        /// The key.
        key: String,
        /// What was asked.
        body: Hash,
    },
    /// This is what a key of the shared state holds.
    PutState {
        /// The key.
        key: Name,
        /// Its content, safe on disk.
        hash: Hash,
        /// How long that is.
        bytes: u64,
    },
    /// A key of the shared state holds nothing.
    DropState(Name),
    /// A decision was made; one that is there already stays as it is.
    Audit(Box<super::AuditRow>),
    /// The program of an allowed call has ended.
    SettleAudit {
        /// Of which call.
        call_id: MessageId,
        /// How long it ran, in milliseconds.
        millis: u64,
    },
    /// The time of these decisions is over.
    DropAudit(Vec<i64>),
}

/// A delivery that was not acknowledged.
#[derive(Debug, Clone)]
pub struct Setback {
    /// To which subscription.
    pub name: Name,
    /// Which message.
    pub position: Position,
    /// How often it has been delivered in vain.
    pub retry_count: u32,
    /// What happened, in words.
    pub error: String,
}

/// A delivery that was refused.
#[derive(Debug, Clone)]
pub struct Nack {
    /// By which subscription.
    pub name: Name,
    /// Which message.
    pub position: Position,
    /// Why, in the consumer's words.
    pub error: String,
    /// Not before this moment is it to come again.
    pub due: Timestamp,
}

/// A delivery that is to be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pending {
    /// Of which message.
    pub position: Position,
    /// How often it was delivered in vain.
    pub retry_count: u32,
    /// Not before this moment.
    pub due: Option<Timestamp>,
}

/// A subscription to be.
#[derive(Debug, Clone)]
pub struct NewSubscription {
    /// Its id.
    pub name: Name,
    /// Whose it is: an agent or a client.
    pub subscriber: Name,
    /// Which topics.
    pub topics: Vec<String>,
    /// Only messages of this stream, `kind/name`.
    pub stream: Option<String>,
    /// Only messages behind this position.
    pub after: Position,
    /// In the journal of this epoch.
    pub epoch: String,
    /// How long a delivery may stay unacknowledged, in milliseconds.
    pub ack_wait_ms: u64,
    /// How often a message is delivered before it is dead.
    pub max_deliveries: u32,
}

/// What came of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entered {
    /// It stands there.
    Done,
    /// It stood there before.
    Already,
    /// There is nothing that it could be about.
    Missing,
    /// A cursor stands there now; whether a single message behind it was settled.
    At(Position, bool),
    /// The cursor stands there now; so often was the refused message delivered in vain; whether that is enough.
    Refused(Position, u32, bool),
    /// It was published at this position.
    Published(Position),
    /// It had been published before, at this position.
    Repeated(Position),
    /// The key was used before, for something else.
    OtherBody,
}

/// An entry on its way to the writer.
#[derive(Debug)]
pub(super) struct ToEnter {
    pub(super) entry: Entry,
    pub(super) reply: oneshot::Sender<Result<Entered, Fault>>,
}

impl ToEnter {
    /// Roughly the memory it holds.
    pub(super) fn bytes(&self) -> usize {
        match &self.entry {
            Entry::Publish { message, .. } => 400 + message.data.get().len(),
            Entry::Audit(row) => 400 + row.target.len() + row.why.as_ref().map_or(0, String::len),
            _ => 400,
        }
    }
}

/// A subscription as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SubscriptionRow {
    /// Its id.
    #[serde(rename = "id")]
    pub name: Name,
    /// Whose it is.
    pub subscriber: String,
    /// Which topics.
    pub topics: Vec<String>,
    /// Only messages of this stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    /// Everything up to here has been acknowledged.
    pub position: Position,
    /// In the journal of this epoch.
    pub epoch: String,
    /// Whether it is delivered to; else an operator paused it.
    pub active: bool,
    /// Since when it is paused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused_at: Option<Timestamp>,
    /// How long a delivery may stay unacknowledged, in milliseconds.
    pub ack_wait_ms: u64,
    /// How often a message is delivered before it is dead.
    pub max_deliveries: u32,
    /// Since when it is there.
    pub created_at: Timestamp,
    /// When it last acknowledged anything.
    pub acknowledged_at: Option<Timestamp>,
}

/// A message that could not be delivered.
#[derive(Debug, Serialize)]
pub struct DeadLetter {
    /// To whom.
    pub subscription: Name,
    /// How often it was tried.
    pub retry_count: u32,
    /// What happened, in words.
    pub error: Option<String>,
    /// When it was given up.
    pub failed_at: Option<Timestamp>,
    /// The message.
    pub message: Arc<Message>,
}

/// What a key of the shared state holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StateRow {
    /// The key.
    pub key: String,
    /// Its content.
    pub hash: String,
    /// How long that is.
    pub bytes: u64,
    /// Since when.
    pub updated_at: Timestamp,
}

impl Journal {
    /// How far a service has come; 0 where it has not begun.
    pub async fn mark(&self, key: &'static str) -> Result<Position, Fault> {
        self.reader().query(move |c| sql::mark(c, key)).await
    }
}

impl Reader {
    /// A subscription.
    pub async fn subscription(&self, name: Name) -> Result<Option<SubscriptionRow>, Fault> {
        self.query(move |c| sql::subscription(c, name.as_str())).await
    }

    /// Subscriptions, of one subscriber or of all, by id behind `after`.
    pub async fn subscriptions(
        &self,
        subscriber: Option<String>,
        after: String,
        limit: usize,
    ) -> Result<Vec<SubscriptionRow>, Fault> {
        self.query(move |c| sql::subscriptions(c, subscriber.as_deref(), &after, limit)).await
    }

    /// Which messages a subscription has to get again.
    pub async fn pending(&self, name: Name) -> Result<Vec<Pending>, Fault> {
        self.query(move |c| sql::pending(c, name.as_str())).await
    }

    /// Dead messages, of one subscription or of all, the newest first, below `before`.
    pub async fn dead(
        &self,
        name: Option<Name>,
        before: Position,
        limit: usize,
    ) -> Result<Vec<DeadLetter>, Fault> {
        self.query(move |c| sql::dead(c, name.as_ref().map(Name::as_str), before, limit)).await
    }

    /// Messages by their positions, in order; those that are not there are left out.
    pub async fn messages_at(&self, positions: Vec<Position>) -> Result<Vec<Arc<Message>>, Fault> {
        self.query(move |c| sql::messages_at(c, &positions)).await
    }

    /// What was asked under a key, if anything was: the hash of its body.
    pub async fn remembered(&self, key: String) -> Result<Option<Hash>, Fault> {
        self.query(move |c| sql::remembered(c, &key)).await
    }

    /// What a key of the shared state holds.
    pub async fn state(&self, key: Name) -> Result<Option<StateRow>, Fault> {
        self.query(move |c| sql::state(c, key.as_str())).await
    }

    /// The keys of the shared state, by name behind `after`.
    pub async fn states(&self, after: String, limit: usize) -> Result<Vec<StateRow>, Fault> {
        self.query(move |c| sql::states(c, &after, limit)).await
    }
}
