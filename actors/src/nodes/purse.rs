//! [`Purse`]: where a turn's cost is reserved before it is asked for, and settled after.
//!
//! Who keeps the purse is not known here: a workflow's root does, above this floor. A turn says under which bounds
//! it stands and what it may cost; it is asked only once that is granted.

use crate::graph::Limits;
use crate::vocabulary::{Timestamp, WorkflowId};
use futures::future::LocalBoxFuture;
use serde::{Deserialize, Serialize};

/// Names what a limit holds for, for ever: a run of a workflow, or a visit to one of its nodes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BoundId(pub String);

/// Limits, and what they hold for: all that is spent within it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bound {
    /// Its name.
    pub id: BoundId,
    /// The same for people: `run 1 of debate`.
    pub of: String,
    /// The limits.
    pub limits: Limits,
}

/// Under which bounds a node stands, the innermost first, and which workflow keeps the sums.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Budget {
    /// The root of its workflow's lineage.
    pub root_id: WorkflowId,
    /// At least one.
    pub bounds: Vec<Bound>,
}

/// Names a reservation: it derives from who makes it, so that whoever makes it again gets the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(pub String);

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reservation {
    /// By which name it is settled.
    pub key: Key,
    /// For what, for people: `debate/run 1/step 3/judge[2]`.
    pub path: String,
    /// Under which bounds, the innermost first.
    pub bounds: Vec<Bound>,
    /// What.
    #[serde(flatten)]
    pub demand: Demand,
}

/// What a reservation is for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Demand {
    /// A call of a model, which may cost as much as this.
    Call(Amount),
    /// To go on, after so many seconds.
    Time {
        /// As many as it has been allowed so far.
        seconds: u64,
    },
}

/// What a call may cost at most.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Amount {
    /// How many turns; none, where a tool asks others than the agent's model.
    pub turns: u32,
    /// How many tokens, in and out; `None`: nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
    /// How many US dollars; `None`: nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usd: Option<f64>,
}

/// What a call has come to.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Bill {
    /// How many answers there are.
    pub turns: u32,
    /// Their tokens, in and out.
    pub tokens: u64,
    /// Their price, as far as it is known.
    pub usd: f64,
    /// How many of them have a price that nobody knows.
    #[serde(default, skip_serializing_if = "is_none")]
    pub unpriced: u32,
    /// How many attempts were sent, and brought no answer that anybody knows of: each may have been paid for.
    #[serde(default, skip_serializing_if = "is_none")]
    pub lost: u32,
    /// What attempts have cost that brought no answer, where their providers said so.
    #[serde(default, skip_serializing_if = "Lost::is_nothing")]
    pub told: Lost,
}

impl Bill {
    /// It has cost nothing.
    pub const NOTHING: Self =
        Self { turns: 0, tokens: 0, usd: 0.0, unpriced: 0, lost: 0, told: Lost::NOTHING };

    /// What of it brought no answer, as far as that is known without a reservation.
    #[must_use]
    pub fn in_vain(&self) -> Lost {
        self.told.plus(Lost { attempts: self.lost, ..Lost::NOTHING })
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_none(count: &u32) -> bool {
    *count == 0
}

/// What was sent and brought no answer that anybody knows of. It was paid for, or may have been.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Lost {
    /// How many attempts.
    pub attempts: u32,
    /// The tokens that they took, where that was told; else those that were reserved for them: without limits nothing is.
    pub tokens: u64,
    /// Their US dollars, in the same way.
    pub usd: f64,
}

impl Lost {
    /// Nothing.
    pub const NOTHING: Self = Self { attempts: 0, tokens: 0, usd: 0.0 };

    /// Nothing was.
    pub(super) fn is_nothing(&self) -> bool {
        self.attempts == 0
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, more: Self) -> Self {
        Self {
            attempts: self.attempts + more.attempts,
            tokens: self.tokens + more.tokens,
            usd: self.usd + more.usd,
        }
    }
}

/// A reservation that was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reserved {
    /// Of time: how many seconds are allowed now in all, and until when it may go on.
    pub until: Option<(u64, Timestamp)>,
    /// It had been made before: whoever made it may have been cut off, or has settled it.
    pub is_old: bool,
}

/// Keeps the sums of a lineage.
pub trait Purse: 'static {
    /// Reserves, once for a key, however often it is called; waits where others have to be settled or a person has to be
    /// asked first. May be dropped at any await.
    ///
    /// # Errors
    /// In words, if it will not be granted: whose limit is in the way, and what can be done.
    fn reserve(
        &self,
        root: &WorkflowId,
        reservation: Reservation,
    ) -> LocalBoxFuture<'static, Result<Reserved, String>>;

    /// Says what came of it, once for a key: what was reserved for attempts that were lost comes back. One that was
    /// still waiting waits no more.
    fn settle(&self, root: &WorkflowId, key: Key, bill: Bill) -> LocalBoxFuture<'static, Lost>;
}
