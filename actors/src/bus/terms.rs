//! [`Terms`]: what a subscription is to be, checked.

use crate::vocabulary::{InvalidTopic, Name, Patterns, Position};
use std::time::Duration;

/// What a subscription is to be.
#[derive(Debug, Clone)]
pub struct Terms {
    /// Its id; `None`: one that follows from whose it is and what it wants.
    pub id: Option<Name>,
    /// Whose it is: an agent or a client.
    pub subscriber: Name,
    /// Which topics: patterns of NATS or of `LIKE`.
    pub topics: Vec<String>,
    /// Only what comes behind this position; `None`: only what is new.
    pub after: Option<Position>,
    /// How long a delivery may stay unacknowledged.
    pub ack_wait: Duration,
    /// How often a message is delivered before it is dead.
    pub max_deliveries: u32,
}

/// Why a subscription cannot be so.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BadTerms {
    /// It wants nothing.
    #[error("topics is empty: name some")]
    NoTopics,
    /// It wants too much.
    #[error("{0} topics are too many: use at most 64, and patterns")]
    ManyTopics(usize),
    /// That is no pattern.
    #[error(transparent)]
    Topic(#[from] InvalidTopic),
    /// That is no time to wait.
    #[error("ack_wait_ms is {0}, but has to be 100 to 86400000")]
    AckWait(u128),
    /// That is no number of deliveries.
    #[error("max_deliveries is {0}, but has to be 1 to 1000")]
    Deliveries(u32),
    /// That is no place in the journal.
    #[error("after is {0}, but has to be 0 to the journal's head, {1}")]
    After(Position, Position),
}

impl Terms {
    /// How long a delivery may stay unacknowledged where nothing is said.
    pub const ACK_WAIT: Duration = Duration::from_secs(30);
    /// How often a message is delivered where nothing is said.
    pub const MAX_DELIVERIES: u32 = 5;

    /// Checks them against a journal that ends at `head`.
    pub fn check(&self, head: Position) -> Result<(), BadTerms> {
        match self.topics.len() {
            0 => return Err(BadTerms::NoTopics),
            1..=64 => Patterns::parse(&self.topics)?,
            many => return Err(BadTerms::ManyTopics(many)),
        };
        if !(100..=86_400_000).contains(&self.ack_wait.as_millis()) {
            return Err(BadTerms::AckWait(self.ack_wait.as_millis()));
        }
        if !(1..=1_000).contains(&self.max_deliveries) {
            return Err(BadTerms::Deliveries(self.max_deliveries));
        }
        match self.after {
            Some(after) if !(0..=head).contains(&after) => Err(BadTerms::After(after, head)),
            _ => Ok(()),
        }
    }

    /// Its id: the same subscriber that wants the same has the same subscription.
    pub fn name(&self) -> Name {
        self.id.clone().unwrap_or_else(|| {
            let mut parts = vec!["subscription", self.subscriber.as_str()];
            parts.extend(self.topics.iter().map(String::as_str));
            Name::derived(&parts)
        })
    }
}
