//! [`Rhythm`]: a cron expression in its time zone.
//!
//! # When the clocks change
//!
//! An expression whose seconds, minutes and hours are numbers, lists or ranges of them means times of day: one that does
//! not exist (clocks go forward) comes at the first moment behind the gap, one that exists twice (clocks go back) comes
//! once, the first time. One with `*` or a step among them, or with more than [`Rhythm::MOST`] times a day, means a
//! rhythm: it leaves a gap out, and goes on through both passes of what exists twice.

use crate::vocabulary::{Timestamp, nearest};
use chrono::{DateTime, Offset as _, TimeZone as _, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};
use croner::Cron;
use croner::errors::CronError;
use std::str::FromStr;
use std::time::Duration;

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

/// An expression in its zone.
pub(super) struct Rhythm {
    cron: Cron,
    zone: Tz,
    /// Each of its times of day by itself, where it means some: by several at once the library takes it for a rhythm.
    times: Vec<Cron>,
}

impl Rhythm {
    /// So many times a day each have an expression of their own.
    const MOST: usize = 60;

    pub(super) fn of(cron: &str, zone: &str) -> Result<Self, BadTiming> {
        let zone = Tz::from_str(zone).map_err(|_| no_zone(zone))?;
        let read = |cron: &str| Cron::from_str(cron).map_err(|error| bad_cron(cron, &error));
        let times = times_of_day(cron, Self::MOST).unwrap_or_default();
        let times = times.iter().map(|time| read(time)).collect::<Result<_, _>>();
        Ok(Self { cron: read(cron)?, zone, times: times? })
    }

    pub(super) fn after(&self, moment: Timestamp) -> Result<Option<Timestamp>, BadTiming> {
        let next = |cron: &Cron| self.found(moment, |from| cron.find_next_occurrence(&from, false));
        self.nearest(moment, next, |times| times.min())
    }

    pub(super) fn until(&self, moment: Timestamp) -> Result<Option<Timestamp>, BadTiming> {
        let last =
            |cron: &Cron| self.found(moment, |from| cron.find_previous_occurrence(&from, true));
        self.nearest(moment, last, |times| times.max())
    }

    fn nearest(
        &self,
        moment: Timestamp,
        search: impl Fn(&Cron) -> Result<Option<Timestamp>, BadTiming>,
        pick: impl FnOnce(&mut dyn Iterator<Item = Timestamp>) -> Option<Timestamp>,
    ) -> Result<Option<Timestamp>, BadTiming> {
        let found = search(&self.cron)?;
        if self.is_plain(moment, found) {
            return Ok(found);
        }
        let times = self.times.iter().map(search).collect::<Result<Vec<_>, _>>()?;
        Ok(pick(&mut times.into_iter().flatten()))
    }

    /// Whether what was found for all times at once is right: they are few or a rhythm, or no clocks change near by.
    fn is_plain(&self, moment: Timestamp, found: Option<Timestamp>) -> bool {
        const DAY: Duration = Duration::from_hours(24);
        if self.times.is_empty() {
            return true;
        }
        let Some(found) = found else { return false };
        let (first, last) = (moment.min(found), moment.max(found));
        last.since(first) < 7 * DAY
            && self.offset(Timestamp(first.0 - 86_400_000)) == self.offset(last.after(DAY))
    }

    /// How far its clocks are from UTC then.
    fn offset(&self, moment: Timestamp) -> i32 {
        let utc = utc(moment).naive_utc();
        self.zone.offset_from_utc_datetime(&utc).fix().local_minus_utc()
    }

    /// What a search from a moment finds. An expression knows whole seconds only.
    fn found(
        &self,
        moment: Timestamp,
        search: impl FnOnce(DateTime<Tz>) -> Result<DateTime<Tz>, CronError>,
    ) -> Result<Option<Timestamp>, BadTiming> {
        match search(utc(moment).with_timezone(&self.zone)) {
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

/// The second in which a moment lies.
fn utc(moment: Timestamp) -> DateTime<Utc> {
    let seconds = moment.min(Timestamp::MAX).0.div_euclid(1_000);
    DateTime::from_timestamp(seconds, 0).unwrap_or_default()
}

/// An expression for each of the times of day that one means; `None`: it is one itself, or a rhythm.
fn times_of_day(cron: &str, most: usize) -> Option<Vec<String>> {
    let fields: Vec<&str> = cron.split_whitespace().collect();
    let clock = match fields.len() {
        5 => 2,
        6 | 7 => 3,
        _ => return None,
    };
    let rest = fields[clock..].join(" ");
    let numbers = fields[..clock].iter().map(|field| numbers(field));
    let numbers = numbers.collect::<Option<Vec<_>>>()?;
    let many = numbers.iter().map(Vec::len).product::<usize>();
    if !(2..=most).contains(&many) {
        return None;
    }
    let times = numbers.iter().rev().fold(vec![rest], |times, numbers| {
        let with = |time: &String| {
            let each = numbers.iter().map(|number| format!("{number} {time}"));
            each.collect::<Vec<_>>()
        };
        times.iter().flat_map(with).collect()
    });
    Some(times)
}

/// The numbers of a field that is a list of them and of ranges.
fn numbers(field: &str) -> Option<Vec<u8>> {
    let part = |part: &str| match part.split_once('-') {
        None => part.parse().ok().map(|number| number..=number),
        Some((from, to)) => Some(from.parse().ok()?..=to.parse().ok()?),
    };
    let parts = field.split(',').map(part).collect::<Option<Vec<_>>>()?;
    Some(parts.into_iter().flatten().collect())
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
