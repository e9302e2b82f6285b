//! Room for another attempt: where a process stands under limits, an attempt after one that was paid for, or may have
//! been, waits until whoever ordered the process says that there is room for it, also where somebody else is asked. How much
//! there is, is not known here.

use super::charge::Charge;
use super::command::{Refusal, Room};
use super::event::Event;
use super::state::{Facts, Phase, Process};
use crate::vocabulary::Timestamp;

impl Facts {
    /// What follows an attempt that has cost this: another one may have to wait for room first, whoever is asked then.
    pub(super) fn with_room(&self, next: Event, charge: Charge) -> Vec<Event> {
        let attempts = self.charged + u32::from(!charge.is_nothing());
        if !self.is_out_of_room(attempts) {
            return vec![next];
        }
        match next {
            Event::RetryScheduled { process_id, due } => {
                vec![Event::Held { process_id, attempts, due }]
            }
            // Who is asked next is settled before there is room for it: it stands with the process while it waits.
            Event::FellBack { ref process_id, at: due, .. } => {
                let process_id = process_id.clone();
                vec![next, Event::Held { process_id, attempts, due }]
            }
            next => vec![next],
        }
    }

    fn is_out_of_room(&self, attempts: u32) -> bool {
        self.needs_room && attempts > self.rooms
    }
}

impl Process {
    /// Whoever waits for one that is redriven before it has died is asked for room first. Of one that had died everybody has
    /// heard: nobody would answer.
    pub(super) fn held_anew(&self, facts: &Facts, due: Timestamp) -> Option<Event> {
        let is_awaited = self.phase == Phase::Indeterminate;
        let (process_id, attempts) = (facts.process_id.clone(), facts.charged);
        (is_awaited && facts.is_out_of_room(attempts)).then_some(Event::Held {
            process_id,
            attempts,
            due,
        })
    }

    /// There is room for another attempt, or there will be none.
    pub(super) fn report_room(
        &self,
        facts: &Facts,
        attempts: u32,
        room: &Room,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let Phase::Held { due } = self.phase else {
            return Err(self.phase.not("it waits for no room"));
        };
        if attempts != facts.charged {
            return Err(self.phase.not("it waits for room for another attempt than that"));
        }
        let process_id = facts.process_id.clone();
        Ok(vec![match room {
            Room::Granted => Event::RetryScheduled { process_id, due },
            Room::Denied { why } => Event::Died { process_id, why: why.clone(), at },
        }])
    }
}
