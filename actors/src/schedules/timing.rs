//! [`Timing`]: when something is to be started: again and again by a cron expression in a time zone, or once. Which
//! times those are is a pure function of the timing and a moment.

use super::rhythm::{BadTiming, Rhythm};
use crate::vocabulary::Timestamp;
use serde::{Deserialize, Serialize};

/// When something is to be started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Timing {
    /// Again and again.
    Cron {
        /// Five fields (minute, hour, day of the month, month, day of the week), six with seconds before them, or a
        /// nickname like `@daily`.
        cron: String,
        /// The time zone, by its IANA name.
        zone: String,
    },
    /// Once.
    Once {
        /// When.
        at: Timestamp,
    },
}

/// The zone of a schedule that names none.
pub const UTC: &str = "UTC";

impl Timing {
    /// The first time after a moment; `None`: there is none.
    pub fn after(&self, moment: Timestamp) -> Result<Option<Timestamp>, BadTiming> {
        match self {
            Self::Cron { cron, zone } => Rhythm::of(cron, zone)?.after(moment),
            Self::Once { at } => Ok(Some(*at).filter(|at| *at > moment)),
        }
    }

    /// The last time at or before a moment; `None`: there is none.
    pub fn until(&self, moment: Timestamp) -> Result<Option<Timestamp>, BadTiming> {
        match self {
            Self::Cron { cron, zone } => Rhythm::of(cron, zone)?.until(moment),
            Self::Once { at } => Ok(Some(*at).filter(|at| *at <= moment)),
        }
    }

    /// So many times after a moment, in order.
    pub fn some_after(&self, moment: Timestamp, many: usize) -> Result<Vec<Timestamp>, BadTiming> {
        let (mut times, mut last) = (Vec::new(), moment);
        while times.len() < many
            && let Some(next) = self.after(last)?
        {
            times.push(next);
            last = next;
        }
        Ok(times)
    }

    /// How many times there are from one of them on, before a moment; more than `most` are not counted.
    pub(super) fn count(
        &self,
        first: Timestamp,
        before: Timestamp,
        most: u32,
    ) -> Result<u32, BadTiming> {
        let (mut times, mut at) = (0, Some(first));
        let rhythm = Times::of(self)?;
        while let Some(time) = at.filter(|time| *time < before && times < most) {
            times += 1;
            at = rhythm.after(time)?;
        }
        Ok(times)
    }

    /// The earliest of the last `many` times at or before a moment, but none before `first`, which is one.
    pub(super) fn last_few(
        &self,
        first: Timestamp,
        until: Timestamp,
        many: u32,
    ) -> Result<Timestamp, BadTiming> {
        // There is at most one in a second.
        if until.since(first).as_secs() < u64::from(many) {
            return Ok(first);
        }
        let rhythm = Times::of(self)?;
        let mut earliest = first;
        let mut at = rhythm.until(until)?;
        for _ in 0..many {
            let Some(time) = at.filter(|time| *time > first) else { return Ok(first) };
            earliest = time;
            at = rhythm.until(Timestamp(time.0 - 1))?;
        }
        Ok(earliest)
    }
}

/// A timing that was read once, to be asked often.
enum Times {
    Rhythm(Box<Rhythm>),
    Once,
}

impl Times {
    fn of(timing: &Timing) -> Result<Self, BadTiming> {
        Ok(match timing {
            Timing::Cron { cron, zone } => Self::Rhythm(Box::new(Rhythm::of(cron, zone)?)),
            Timing::Once { .. } => Self::Once,
        })
    }

    /// The time after one of them.
    fn after(&self, time: Timestamp) -> Result<Option<Timestamp>, BadTiming> {
        match self {
            Self::Rhythm(rhythm) => rhythm.after(time),
            Self::Once => Ok(None),
        }
    }

    fn until(&self, moment: Timestamp) -> Result<Option<Timestamp>, BadTiming> {
        match self {
            Self::Rhythm(rhythm) => rhythm.until(moment),
            Self::Once => Ok(None),
        }
    }
}
