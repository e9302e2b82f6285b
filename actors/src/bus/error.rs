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
    /// That is not what would be delivered again.
    #[error("position {position} cannot be refused: {}", standing(*oldest))]
    NotUnderWay {
        /// What was to be refused.
        position: Position,
        /// What can be; `None`: nothing.
        oldest: Option<Position>,
    },
    /// What is stored is no pattern of this program's.
    #[error(transparent)]
    Topic(#[from] InvalidTopic),
    /// Ours to mend.
    #[error(transparent)]
    Fault(#[from] Fault),
}

fn standing(oldest: Option<Position>) -> String {
    match oldest {
        Some(oldest) => {
            format!(
                "the oldest that is under way is {oldest}: acknowledge what stands before it first"
            )
        }
        None => "nothing is under way: it was settled, or comes again by itself".to_owned(),
    }
}
