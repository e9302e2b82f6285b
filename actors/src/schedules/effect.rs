//! What a schedule wants of the world.

use super::command::Made;
use super::spec::{Overlap, Start};
use crate::vocabulary::{Name, ScheduleId, Timestamp};
use serde::{Deserialize, Serialize};

/// What a schedule wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// To be told when its time has come.
    Arrive {
        /// Which wait this is.
        turn: u32,
    },
    /// Have something started.
    Fire(Box<Firing>),
}

/// Something to be started.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Firing {
    /// By which schedule.
    pub schedule_id: ScheduleId,
    /// Which of its times it is.
    pub n: u32,
    /// When it was to be.
    pub due: Timestamp,
    /// What.
    pub start: Start,
    /// What happens while the former still runs.
    pub overlap: Overlap,
    /// What was started before.
    pub former: Option<Made>,
}

impl Firing {
    /// The name of what is started: told again after a crash, it is the same one.
    pub fn name(&self) -> Name {
        Name::derived(&["schedule", self.schedule_id.0.as_str(), &self.n.to_string()])
    }
}
