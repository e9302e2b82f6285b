//! A schedule as its stream says that it is, for whoever looks.

use super::event::Event;
use super::state::Schedule;
use crate::journal::{Fault, Loaded, MessageKind};
use crate::machine::{Machine, tagged};

impl Schedule {
    /// What its messages amount to.
    pub fn read(loaded: &Loaded) -> Result<Self, Fault> {
        let mut schedule = Self::default();
        for message in loaded.messages.iter().filter(|m| m.kind == MessageKind::Event) {
            let event: Event =
                tagged::join(&message.event_type, message.data.get()).map_err(Fault::reading)?;
            schedule.apply(&event);
        }
        Ok(schedule)
    }
}
