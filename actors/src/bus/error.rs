//! Why the bus does not do what it was asked.

use crate::journal::Fault;
use crate::vocabulary::{InvalidTopic, Name, Position};

/// Why the bus does not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// There is no such subscription.
    #[error("there is no subscription {0}: make it with POST /subscriptions")]
    Unknown(Name),
    /// Its cursor belongs to a journal that was replaced by a backup.
    #[error(
        "the subscription {0} has a cursor of another epoch: the journal was restored; delete it and make it anew"
    )]
    Gone(Name),
    /// That has not been delivered.
    #[error("position {upto} cannot be acknowledged: the journal ends at {head}")]
    Ahead {
        /// What was to be acknowledged.
        upto: Position,
        /// Where the journal ends.
        head: Position,
    },
    /// What is stored is no pattern of this program's.
    #[error(transparent)]
    Topic(#[from] InvalidTopic),
    /// Ours to mend.
    #[error(transparent)]
    Fault(#[from] Fault),
}
