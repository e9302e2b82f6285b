//! What a lineage's root answers to those who reserve and settle.

use super::desk::Desk;
use super::fact::Fact;
use crate::nodes::{Bill, Bound, Key, Reservation};
use crate::vocabulary::Timestamp;
use crate::workflows::command::Refusal;
use crate::workflows::event::Event;
use crate::workflows::state::{Facts, Phase, Workflow};

type Decided = Result<Vec<Event>, Refusal>;

impl Workflow {
    pub(in crate::workflows) fn reserve(
        &self,
        facts: &Facts,
        reservation: &Reservation,
        at: Timestamp,
    ) -> Decided {
        if !matches!(self.phase(), Phase::Running | Phase::Paused { .. }) {
            return Err(self.not("only in a run that is under way can anything be spent"));
        }
        if facts.ledger.knows(&reservation.key) {
            return Ok(Vec::new());
        }
        let mut desk = Desk::new(facts, at);
        desk.receive(reservation).map_err(Refusal::Limit)?;
        Ok(desk.events())
    }

    /// What was spent was spent, whatever has become of the run meanwhile.
    pub(in crate::workflows) fn settle(
        facts: &Facts,
        key: &Key,
        bill: &Bill,
        at: Timestamp,
    ) -> Decided {
        if !facts.ledger.knows(key) {
            return Err(Refusal::NotOpen(key.0.clone()));
        }
        let mut desk = Desk::new(facts, at);
        let lost = desk.ledger.lost(key, bill);
        desk.note(Fact::Settled { key: key.clone(), bill: *bill, lost });
        desk.look_again();
        Ok(desk.events())
    }

    /// Its parent was tried again, so that other bounds are above it.
    pub(in crate::workflows) fn bind(facts: &Facts, bounds: &[Bound], at: Timestamp) -> Vec<Event> {
        let mut desk = Desk::new(facts, at);
        desk.note(Fact::Bound { bounds: bounds.to_vec() });
        desk.events()
    }
}

impl Facts {
    /// The run is going to fail: what waits for room that there is not is told so, and a person is asked no more.
    pub(in crate::workflows) fn deny_waiting(&self, at: Timestamp) -> Vec<Event> {
        let mut desk = Desk::closed(self, at);
        desk.look_again();
        desk.events()
    }
}
