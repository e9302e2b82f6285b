//! [`Line`]: how far each limit is used up, for people who look.

use super::account::{Account, Sum};
use super::fact::Grant;
use super::ledger::{Ledger, Verdict};
use super::question::{Asks, LimitId};
use super::renew::Renewed;
use crate::graph::Limits;
use crate::nodes::is_share;
use crate::vocabulary::{NodeId, Timestamp, WorkflowId};
use crate::workflows::item::Interrupt;
use crate::workflows::state::{Facts, Workflow};
use serde::Serialize;

/// How far the limits of one bound are used up.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// Its name.
    pub id: String,
    /// What it holds for: `run 1 of debate`.
    pub of: String,
    /// What its limits say.
    pub limit: Limits,
    /// What was granted beside that.
    #[serde(skip_serializing_if = "is_nothing")]
    pub granted: Grant,
    /// When its seconds are up, with what was granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// How often they began anew in this run, because it was tried again or sent back after its end.
    #[serde(skip_serializing_if = "is_zero")]
    pub renewed: u32,
    /// What was taken and lost before they last did: it counts against them no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Taken>,
    /// What answers took, and of a run its steps.
    pub spent: Taken,
    /// What is reserved for calls under way.
    pub reserved: Taken,
    /// What was reserved for calls that were lost: it may have been paid for.
    pub lost: Taken,
    /// How many calls wait for room.
    pub waiting: usize,
    /// How many turns have a price that nobody knows: no limit of dollars bounds those.
    #[serde(skip_serializing_if = "is_zero")]
    pub unpriced_turns: u32,
}

/// What was taken.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Taken {
    /// US dollars.
    pub usd: f64,
    /// Tokens.
    pub tokens: u64,
    /// Turns of models.
    pub turns: u64,
    /// Steps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<u32>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn is_nothing(grant: &Grant) -> bool {
    *grant == Grant::default()
}

impl From<Sum> for Taken {
    fn from(Sum { usd, tokens, turns }: Sum) -> Self {
        Self { usd, tokens, turns, steps: None }
    }
}

impl Line {
    /// Whether it is a limit of this workflow, or of one of its nodes.
    pub fn is_of(&self, workflow: &WorkflowId) -> bool {
        self.id.split('/').next() == Some(workflow.0.as_str())
    }

    /// The same with the steps that a run has taken.
    #[must_use]
    pub fn with_steps(self, steps: Option<u32>) -> Self {
        Self { spent: Taken { steps, ..self.spent }, ..self }
    }
}

impl Workflow {
    /// How far each limit of its run, and of its lineage where it is the root, is used up.
    pub fn budget(&self) -> Vec<Line> {
        self.facts.as_ref().map(Facts::budget).unwrap_or_default()
    }
}

/// What is in the way of a call that waits for room.
#[derive(Debug, Clone, PartialEq)]
pub struct Room<'a> {
    /// What is reached, in words; empty: others have to be settled first.
    pub reached: String,
    /// What a person is asked for it; `None`: others have to be settled first.
    pub question: Option<&'a Interrupt>,
}

impl Workflow {
    /// What is in the way of a node's turn; `None`: it does not wait.
    pub fn room_for(&self, node: &NodeId, turn: u32) -> Option<Room<'_>> {
        let ledger = &self.facts.as_ref()?.ledger;
        let waiting = ledger.waiting.iter().find(|waiting| is_share(&waiting.key, node, turn))?;
        let Verdict::Exceeds(excess) = ledger.weigh(waiting) else {
            return Some(Room { reached: String::new(), question: None });
        };
        let limit = LimitId { bound: excess.bound.clone(), asks: Asks::Reservations };
        let reached = ledger.in_words(&excess, waiting);
        Some(Room { reached, question: ledger.question(&limit) })
    }
}

impl Facts {
    fn budget(&self) -> Vec<Line> {
        let own = self.own_bound();
        let mut lines: Vec<Line> =
            self.ledger.accounts.values().map(|account| self.ledger.line(account)).collect();
        // Its own comes first.
        lines.sort_by_key(|line| line.id != own.id.0);
        let has_limits = own.limits != Limits::default();
        if has_limits && !lines.iter().any(|line| line.id == own.id.0) {
            lines.insert(0, self.ledger.line(&Account::new(&own)));
        }
        for line in lines.iter_mut().filter(|line| line.id == own.id.0) {
            line.until = self.time_is_up().filter(|_| self.ended_at.is_none());
            line.spent.steps = self.order.limits.steps.map(|_| self.run.steps);
            let Renewed { times, taken } = self.run.renewed;
            line.renewed = times;
            line.before = (times > 0).then(|| taken.into());
        }
        lines
    }
}

impl Ledger {
    fn line(&self, account: &Account) -> Line {
        let bound = &account.bound;
        let waits = |waiting: &&crate::nodes::Reservation| {
            waiting.bounds.iter().any(|above| above.id == bound.id)
        };
        Line {
            id: bound.id.0.clone(),
            of: bound.of.clone(),
            limit: bound.limits.clone(),
            granted: account.granted,
            until: None,
            renewed: 0,
            before: None,
            spent: account.spent.into(),
            reserved: self.reserved(&bound.id).into(),
            lost: account.lost.into(),
            waiting: self.waiting.iter().filter(waits).count(),
            unpriced_turns: account.unpriced,
        }
    }
}
