//! [`Timing`]: when something is to be started: again and again by a cron expression in a time zone, or once. Which
//! times those are is a pure function of the timing and a moment.
//!
//! # When the clocks change
//!
//! An expression whose seconds, minutes and hours are plain numbers means a time of day: one that does not exist
//! (clocks go forward) comes at the first moment behind the gap, one that exists twice (clocks go back) comes once,
//! the first time. One with `*` or a step among them means a rhythm: it leaves a gap out, and goes on through both
//! passes of what exists twice.

use crate::vocabulary::{Timestamp, nearest};
use chrono::{DateTime, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use croner::Cron;
use croner::errors::CronError;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

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

/// Why a timing makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadTiming {
    /// The expression is none.
    #[error(
        "cron: failed to read {cron:?}: {why}: write minute, hour, day of the month, month and day of the week, like \"0 3 * * MON-FRI\", seconds before them if they matter, or @hourly, @daily, @weekly, @monthly, @yearly"
    )]
    Cron {
        /// What was written.
        cron: String,
        /// What is wrong with it.
        why: String,
    },
    /// There is no such zone.
    #[error("zone: there is no time zone {zone:?}: {hint}")]
    Zone {
        /// What was written.
        zone: String,
        /// What to do.
        hint: String,
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

/// An expression in its zone.
struct Rhythm {
    cron: Cron,
    zone: Tz,
}

impl Rhythm {
    fn of(cron: &str, zone: &str) -> Result<Self, BadTiming> {
        let zone = Tz::from_str(zone).map_err(|_| no_zone(zone))?;
        let read = Cron::from_str(cron).map_err(|error| bad_cron(cron, &error))?;
        Ok(Self { cron: read, zone })
    }

    fn after(&self, moment: Timestamp) -> Result<Option<Timestamp>, BadTiming> {
        self.found(moment, |from| self.cron.find_next_occurrence(&from, false))
    }

    fn until(&self, moment: Timestamp) -> Result<Option<Timestamp>, BadTiming> {
        self.found(moment, |from| self.cron.find_previous_occurrence(&from, true))
    }

    /// What a search from a moment finds. An expression knows whole seconds only.
    fn found(
        &self,
        moment: Timestamp,
        search: impl FnOnce(DateTime<Tz>) -> Result<DateTime<Tz>, CronError>,
    ) -> Result<Option<Timestamp>, BadTiming> {
        let seconds = moment.min(Timestamp::MAX).0.div_euclid(1_000);
        let from = DateTime::<Utc>::from_timestamp(seconds, 0).unwrap_or_default();
        match search(from.with_timezone(&self.zone)) {
            Ok(time) => Ok(Some(Timestamp(time.timestamp_millis()))),
            // Nothing matches any more, or ever.
            Err(
                CronError::TimeSearchLimitExceeded
                | CronError::InvalidDate
                | CronError::InvalidTime,
            ) => Ok(None),
            Err(error) => Err(bad_cron(self.cron.as_str(), &error)),
        }
    }
}

fn bad_cron(cron: &str, error: &CronError) -> BadTiming {
    let text = error.to_string();
    let mut letters = text.trim_end_matches('.').chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    let why = first.into_iter().chain(letters).collect();
    BadTiming::Cron { cron: cron.to_owned(), why }
}

fn no_zone(zone: &str) -> BadTiming {
    let names = || TZ_VARIANTS.iter().map(|zone| zone.name());
    let is_place = |name: &&str| {
        let place = name.rsplit('/').next().unwrap_or_default();
        name.eq_ignore_ascii_case(zone) || place.eq_ignore_ascii_case(zone)
    };
    let hint = match names().find(is_place).or_else(|| nearest(zone, names())) {
        Some(near) => format!("did you mean {near:?}?"),
        None => "write its IANA name, like Europe/Berlin or UTC".to_owned(),
    };
    BadTiming::Zone { zone: zone.to_owned(), hint }
}
