//! [`Fact`]: what has happened to a lineage's budget.

use crate::nodes::{Bill, Bound, BoundId, Key, Lost, Reservation};
use crate::vocabulary::{Name, Timestamp};
use serde::{Deserialize, Serialize};

/// What has happened to a budget. Published on `workflow.budget`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum Fact {
    /// A call may be made.
    Reserved {
        /// Which.
        reservation: Reservation,
        /// Of time: how many seconds are allowed now in all, and until when it may go on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<(u64, Timestamp)>,
    },
    /// There is no room for it now: others have to be settled, or a person has to be asked.
    Waiting {
        /// Which.
        reservation: Reservation,
    },
    /// It will not be made.
    Denied {
        /// Which.
        key: Key,
        /// Why not.
        error: String,
    },
    /// It has come to this.
    Settled {
        /// Which.
        key: Key,
        /// What.
        bill: Bill,
        /// What was reserved for attempts that were lost.
        lost: Lost,
    },
    /// A person has granted more.
    Granted {
        /// To which question.
        interrupt_id: Name,
        /// Of which limits.
        bound: BoundId,
        /// So much more.
        grant: Grant,
        /// Who.
        by: String,
    },
    /// A person has granted no more.
    Stopped {
        /// To which question.
        interrupt_id: Name,
        /// Of which limits.
        bound: BoundId,
        /// Who.
        by: String,
    },
    /// The bounds above it are others: its parent was tried again.
    Bound {
        /// Those.
        bounds: Vec<Bound>,
    },
}

/// So much more than a limit says.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// US dollars.
    #[serde(default, skip_serializing_if = "is_zero_usd")]
    pub usd: f64,
    /// Tokens.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tokens: u64,
    /// Turns of models.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub turns: u64,
    /// Seconds, from the moment on at which they are granted.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub seconds: u64,
    /// Steps.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub steps: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_zero_usd(number: &f64) -> bool {
    *number <= 0.0
}

impl Grant {
    /// Both together.
    pub(super) fn plus(self, more: Self) -> Self {
        Self {
            usd: self.usd + more.usd,
            tokens: self.tokens.saturating_add(more.tokens),
            turns: self.turns.saturating_add(more.turns),
            seconds: self.seconds.saturating_add(more.seconds),
            steps: self.steps.saturating_add(more.steps),
        }
    }
}
