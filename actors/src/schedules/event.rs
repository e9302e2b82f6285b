//! What has happened to a schedule.

use super::command::Made;
use super::spec::Spec;
use crate::vocabulary::{ScheduleId, Timestamp, Topic};
use serde::{Deserialize, Serialize};

/// What has happened to a schedule. Whatever moves its next time says when that is: a rebuild computes none, so
/// another program with other time zones comes to the same state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
#[expect(
    missing_docs,
    reason = "the fields are those of the commands, with the schedule and the moment"
)]
pub enum Event {
    /// It came into being, or came back.
    #[serde(rename = "SCHEDULE_CREATED")]
    Created { schedule_id: ScheduleId, spec: Box<Spec>, next: Option<Timestamp>, at: Timestamp },
    /// It is to do something else, or at other times.
    #[serde(rename = "SCHEDULE_CHANGED")]
    Changed {
        schedule_id: ScheduleId,
        spec: Box<Spec>,
        next: Option<Timestamp>,
        by: String,
        at: Timestamp,
    },
    /// It lets times pass.
    #[serde(rename = "SCHEDULE_PAUSED")]
    Paused { schedule_id: ScheduleId, by: String, at: Timestamp },
    /// It goes on.
    #[serde(rename = "SCHEDULE_RESUMED")]
    Resumed { schedule_id: ScheduleId, next: Option<Timestamp>, by: String, at: Timestamp },
    /// A time has come, and it is being started.
    #[serde(rename = "SCHEDULE_DUE")]
    Due {
        schedule_id: ScheduleId,
        /// Which one, from 1.
        n: u32,
        /// When it was to be.
        due: Timestamp,
        /// For how many missed times before it stands.
        #[serde(default, skip_serializing_if = "is_zero")]
        stands_for: u32,
        /// Who wanted it, whatever the time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<String>,
        next: Option<Timestamp>,
        at: Timestamp,
    },
    /// It was started.
    #[serde(rename = "SCHEDULE_FIRED")]
    Fired {
        schedule_id: ScheduleId,
        n: u32,
        due: Timestamp,
        at: Timestamp,
        #[serde(flatten)]
        made: Made,
    },
    /// It could not be started.
    #[serde(rename = "SCHEDULE_FAILED")]
    Failed { schedule_id: ScheduleId, n: u32, due: Timestamp, error: String, at: Timestamp },
    /// It was not started, because the former still ran.
    #[serde(rename = "SCHEDULE_SKIPPED")]
    Skipped {
        schedule_id: ScheduleId,
        n: u32,
        due: Timestamp,
        at: Timestamp,
        #[serde(flatten)]
        made: Made,
    },
    /// Times have passed, and nothing is started for them.
    #[serde(rename = "SCHEDULE_MISSED")]
    Missed {
        schedule_id: ScheduleId,
        /// How many; at most [`Spec::MOST_COUNTED`] are counted.
        times: u32,
        /// The first of them.
        first: Timestamp,
        because: Because,
        next: Option<Timestamp>,
        at: Timestamp,
    },
    /// It starts nothing more.
    #[serde(rename = "SCHEDULE_ENDED")]
    Ended { schedule_id: ScheduleId, why: End, at: Timestamp },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Why times have passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// Nobody saw to them: no server ran, or it could not.
    Down,
    /// It was paused.
    Paused,
}

/// Why it starts nothing more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum End {
    /// All its times have passed.
    Over,
    /// Somebody wanted it.
    Deleted {
        /// Who.
        by: String,
    },
}

impl Event {
    /// Where it is published.
    pub(super) fn topic(&self) -> Topic {
        Topic::of(match self {
            Self::Created { .. } => "schedule.created",
            Self::Changed { .. } => "schedule.changed",
            Self::Paused { .. } => "schedule.paused",
            Self::Resumed { .. } => "schedule.resumed",
            Self::Due { .. } => "schedule.due",
            Self::Fired { .. } => "schedule.fired",
            Self::Failed { .. } => "schedule.failed",
            Self::Skipped { .. } => "schedule.skipped",
            Self::Missed { .. } => "schedule.missed",
            Self::Ended { .. } => "schedule.ended",
        })
    }
}
