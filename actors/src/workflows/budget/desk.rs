//! [`Desk`]: what is decided about a budget, one fact after another: each is weighed on what the one before it left.

use super::fact::Fact;
use super::ledger::{Excess, Ledger, Verdict};
use super::question::{Asker, Asks, Grantable, LimitId, schema};
use crate::nodes::{Bound, Demand, Metrics, Reservation};
use crate::vocabulary::{Name, Timestamp};
use crate::workflows::event::Event;
use crate::workflows::item::Interrupt;
use crate::workflows::state::Facts;

/// What is decided about a budget.
pub(super) struct Desk<'a> {
    facts: &'a Facts,
    pub(super) ledger: Ledger,
    at: Timestamp,
    /// Nothing new begins: nobody is asked for more.
    is_closed: bool,
    events: Vec<Event>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(facts: &'a Facts, at: Timestamp) -> Self {
        let is_closed = facts.failure.is_some();
        Self { facts, ledger: facts.ledger.clone(), at, is_closed, events: Vec::new() }
    }

    /// The same, for a run that is going to fail.
    pub(super) fn closed(facts: &'a Facts, at: Timestamp) -> Self {
        Self { is_closed: true, ..Self::new(facts, at) }
    }

    pub(super) fn events(self) -> Vec<Event> {
        self.events
    }

    pub(super) fn note(&mut self, fact: Fact) {
        self.ledger.take_in(&fact, self.at);
        let workflow_id = self.facts.workflow_id.clone();
        self.events.push(Event::Budget { workflow_id, fact, at: self.at });
    }

    /// Something new is wanted; the error says why it will not be.
    pub(super) fn receive(&mut self, reservation: &Reservation) -> Result<(), String> {
        match self.ledger.weigh(reservation) {
            Verdict::Fits => self.reserve(reservation),
            Verdict::Blocked => self.note(Fact::Waiting { reservation: reservation.clone() }),
            Verdict::Exceeds(excess) if self.asks(&excess, reservation) => {
                self.note(Fact::Waiting { reservation: reservation.clone() });
                self.ask_for(&excess, reservation);
            }
            Verdict::Exceeds(excess) => return Err(self.refusal(&excess, reservation)),
        }
        Ok(())
    }

    /// Looks at what waits, in order.
    pub(super) fn look_again(&mut self) {
        for reservation in self.ledger.waiting.clone() {
            match self.ledger.weigh(&reservation) {
                Verdict::Fits => self.reserve(&reservation),
                Verdict::Blocked => {}
                Verdict::Exceeds(excess) if self.asks(&excess, &reservation) => {
                    self.ask_for(&excess, &reservation);
                }
                Verdict::Exceeds(excess) => {
                    let error = self.refusal(&excess, &reservation);
                    self.note(Fact::Denied { key: reservation.key, error });
                }
            }
        }
    }

    fn reserve(&mut self, reservation: &Reservation) {
        let until = self.until(reservation);
        self.note(Fact::Reserved { reservation: reservation.clone(), until });
    }

    /// Of time: how many seconds are allowed in all, and until when.
    fn until(&self, reservation: &Reservation) -> Option<(u64, Timestamp)> {
        let Demand::Time { seconds: had } = reservation.demand else { return None };
        let accounts = reservation.bounds.iter().filter_map(|b| self.ledger.accounts.get(&b.id));
        let most = accounts.filter_map(super::account::Account::seconds).min()?;
        let more = std::time::Duration::from_secs(most.saturating_sub(had));
        Some((most, self.at.after(more)))
    }

    fn asks(&self, excess: &Excess, reservation: &Reservation) -> bool {
        let account = self.ledger.accounts.get(&excess.bound);
        let asks = account.map_or_else(
            || bound(excess, reservation).is_some_and(|bound| bound.limits.asks()),
            super::account::Account::asks,
        );
        asks && !self.is_closed
    }

    fn refusal(&self, excess: &Excess, reservation: &Reservation) -> String {
        let reached = self.ledger.in_words(excess, reservation);
        format!("{reached}: {}", Ledger::remedy(excess, reservation))
    }

    fn ask_for(&mut self, excess: &Excess, reservation: &Reservation) {
        let Some(bound) = bound(excess, reservation) else { return };
        let question = self.ledger.in_words(excess, reservation);
        let grantable =
            if excess.measured.is_some() { Grantable::Spending } else { Grantable::Time };
        self.ask(bound, Asks::Reservations, grantable, &question);
    }

    /// Asks a person for more, unless that is asked already.
    pub(super) fn ask(&mut self, bound: &Bound, asks: Asks, grantable: Grantable, reached: &str) {
        let limit = LimitId { bound: bound.id.clone(), asks };
        if self.ledger.question(&limit).is_some() {
            return;
        }
        self.ledger.account(bound);
        let (workflow_id, number) = (self.facts.workflow_id.clone(), self.ledger.asked + 1);
        let parts = ["limit", workflow_id.0.as_str(), &number.to_string()];
        let interrupt = Interrupt {
            interrupt_id: Name::derived(&parts),
            asker: Asker::Limit(limit),
            question: format!("{reached}. Grant how much more, or stop?"),
            answer: Some(schema(&bound.limits, grantable)),
            at: self.at,
            deadline: None,
            is_lost_call: false,
        };
        self.ledger.ask(&interrupt);
        let (interrupt, spent) = (Box::new(interrupt), Metrics::default());
        self.events.push(Event::Interrupted { workflow_id, interrupt, spent });
    }
}

fn bound<'a>(excess: &Excess, reservation: &'a Reservation) -> Option<&'a Bound> {
    reservation.bounds.iter().find(|bound| bound.id == excess.bound)
}
