//! The pace of a run: its steps and its seconds. They are its own affair, a subgraph's too: nothing is spent by them.

use super::desk::Desk;
use super::fact::Fact;
use super::question::{Asks, Grantable};
use super::words::what_to_do;
use crate::graph::Limits;
use crate::nodes::{Bound, BoundId};
use crate::vocabulary::Timestamp;
use crate::workflows::event::Event;
use crate::workflows::item::{Interrupt, ItemId};
use crate::workflows::state::Facts;
use std::collections::BTreeSet;
use std::time::Duration;

/// Why nothing new begins, though nobody has paused it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::workflows) enum Hold {
    /// A person is asked for more steps.
    Steps,
    /// A person is asked for more time.
    Seconds,
}

impl Facts {
    /// The bound that its run is.
    pub(super) fn own_bound(&self) -> Bound {
        let (workflow, run) = (&self.workflow_id, &self.run);
        Bound {
            id: BoundId(format!("{workflow}/run/{}/{}", run.number, self.grants)),
            of: format!("run {} of {}", run.number, self.order.definition),
            limits: self.order.limits.clone(),
        }
    }

    /// The bounds under which its nodes stand, the innermost first.
    pub(in crate::workflows) fn bounds(&self) -> Vec<Bound> {
        if self.undoing.is_some() {
            // What was done has to be undone, whatever that takes.
            return Vec::new();
        }
        let own = Some(self.own_bound()).filter(|bound| bound.limits.bounds_spending());
        let parent = self.order.parent.as_ref().map(|parent| parent.bounds.as_slice());
        let above = self.ledger.above.as_deref().or(parent).unwrap_or_default();
        own.into_iter().chain(above.iter().cloned()).collect()
    }

    /// What is asked about its pace.
    pub(in crate::workflows) fn hold(&self) -> Option<Hold> {
        let mut limits = self.ledger.questions.iter().filter_map(|asked| asked.asker.limit());
        limits.find_map(|limit| hold(limit.asks))
    }

    /// Whether all that models are asked for in its lineage waits for a person to grant it. Who is under no limit needs
    /// nobody's word: where the run has none, all nodes at work have to.
    pub(in crate::workflows) fn waits_for_grants(&self) -> bool {
        let ledger = &self.ledger;
        let asks = |asked: &Interrupt| {
            asked.asker.limit().is_some_and(|limit| limit.asks == Asks::Reservations)
        };
        let is_bounded = |item: &ItemId| {
            let limits = self.visits[&item.node].spec.limits.as_ref();
            limits.is_some_and(Limits::bounds_spending)
        };
        (self.order.limits.bounds_spending() || self.at_work().iter().all(is_bounded))
            && ledger.open.is_empty()
            && !ledger.waiting.is_empty()
            && ledger.questions.iter().any(asks)
    }

    fn granted(&self) -> super::fact::Grant {
        let own = self.ledger.accounts.get(&self.own_bound().id);
        own.map(|account| account.granted).unwrap_or_default()
    }

    /// How many steps its run may take.
    pub(super) fn most_steps(&self) -> Option<u64> {
        Some(u64::from(self.order.limits.steps?).saturating_add(self.granted().steps))
    }

    /// How many seconds its run may take.
    pub(super) fn most_seconds(&self) -> Option<u64> {
        Some(u64::from(self.order.limits.seconds?).saturating_add(self.granted().seconds))
    }

    /// When its time is up.
    pub(in crate::workflows) fn time_is_up(&self) -> Option<Timestamp> {
        if self.undoing.is_some() {
            return None;
        }
        let limit = Duration::from_secs(self.order.limits.seconds?.into());
        let own = self.ledger.accounts.get(&self.own_bound().id);
        Some(own.and_then(|account| account.until).unwrap_or(self.run.since.after(limit)))
    }

    /// The key of work that is wanted once more after a run was tried again, or was held.
    pub(in crate::workflows) fn tries(&self) -> String {
        match (self.run.tries, self.ledger.paced) {
            (tries, 0) => tries.to_string(),
            (tries, paced) => format!("{tries}.{paced}"),
        }
    }

    /// After so many steps, as many as it may.
    pub(in crate::workflows) fn is_out_of_steps(&self, steps: u32) -> bool {
        self.undoing.is_none() && self.most_steps().is_some_and(|most| u64::from(steps) >= most)
    }

    /// The limit that is reached, in words.
    pub(in crate::workflows) fn pace_reached(&self, what: &str) -> String {
        let most = if what == "steps" { self.most_steps() } else { self.most_seconds() };
        let (most, of) = (most.unwrap_or(0), self.own_bound().of);
        format!("the run has reached its limit of {most} {what} ({of})")
    }

    /// What to do about it.
    pub(in crate::workflows) fn pace_anew(&self, what: &str) -> String {
        let Limits { steps, seconds, .. } = self.order.limits;
        let limit = if what == "steps" { steps } else { seconds };
        what_to_do(&format!("{} {what}", limit.unwrap_or(0)))
    }

    /// Asks a person for more steps, or more time.
    pub(in crate::workflows) fn ask_for_more(&self, hold: Hold, at: Timestamp) -> Vec<Event> {
        let (asks, what) = match hold {
            Hold::Steps => (Asks::Steps, "steps"),
            Hold::Seconds => (Asks::Seconds, "seconds"),
        };
        let mut desk = Desk::new(self, at);
        desk.ask(&self.own_bound(), asks, Grantable::Pace, &self.pace_reached(what));
        desk.events()
    }

    // ---- what has happened ----

    /// A person is asked about a limit. Where that is about its pace, nothing new begins.
    pub(in crate::workflows) fn ask_limit(&mut self, interrupt: &Interrupt) {
        let Some(limit) = interrupt.asker.limit() else { return };
        if self.own_bound().id == limit.bound {
            let own = self.own_bound();
            self.ledger.account(&own);
        }
        let hold = hold(limit.asks);
        self.ledger.ask(interrupt);
        match hold {
            None => {}
            Some(Hold::Seconds) => {
                self.freeze();
                self.steer();
            }
            Some(Hold::Steps) => {
                self.visits.values_mut().for_each(|visit| visit.last = Some(BTreeSet::new()));
            }
        }
    }

    /// Something has happened to the budget; true: what was held may go on.
    pub(in crate::workflows) fn take_in_fact(&mut self, fact: &Fact, at: Timestamp) -> bool {
        let held = self.hold();
        self.ledger.take_in(fact, at);
        self.updated_at = at;
        if held.is_none() || self.hold().is_some() {
            return false;
        }
        self.ledger.paced += 1;
        self.steer();
        if held == Some(Hold::Steps) {
            // They begin only now.
            self.visits.values_mut().for_each(|visit| visit.started_at = at);
        }
        matches!(fact, Fact::Granted { .. }) && self.failure.is_none()
    }
}

fn hold(asks: Asks) -> Option<Hold> {
    match asks {
        Asks::Reservations => None,
        Asks::Steps => Some(Hold::Steps),
        Asks::Seconds => Some(Hold::Seconds),
    }
}
