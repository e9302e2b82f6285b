//! What one text may cost, and what is said when it costs more.
//!
//! Parsing is linear for code, but nothing keeps a text from being hostile. The clock is read only here; it decides
//! whether there is a result, never what it says.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// The bounds for one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest text, in bytes.
    pub bytes: usize,
    /// The longest time, from the parse's begin to the result.
    pub time: Duration,
    /// The most entries in each list of a result (symbols, imports, errors, issues …); the rest is counted.
    pub items: usize,
}

impl Default for Limits {
    /// 10 MiB, 20 seconds, 10,000 entries: far above what people write, far below what hurts.
    fn default() -> Self {
        Self { bytes: 10 << 20, time: Duration::from_secs(20), items: 10_000 }
    }
}

/// Why a text has no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum Fault {
    /// It is longer than [`Limits::bytes`].
    #[error("the text has {bytes} bytes, more than the {most} that are read: split the file")]
    TooLong {
        /// How long it is.
        bytes: usize,
        /// What is allowed.
        most: usize,
    },
    /// It took longer than [`Limits::time`].
    #[error(
        "the text was given up after {after_ms} ms: it is too deep or too broken to be read in time"
    )]
    TooSlow {
        /// What was allowed, in milliseconds.
        after_ms: u64,
    },
}

/// Looks at the clock now and then: every tick is cheap, and one in a thousand is honest.
#[derive(Debug)]
pub(crate) struct Watch {
    begun: Instant,
    time: Duration,
    ticks: u32,
}

impl Watch {
    const TICKS_A_LOOK: u32 = 1_024;

    /// Begins to measure, if the text is not too long.
    pub(crate) fn start(text: &str, limits: &Limits) -> Result<Self, Fault> {
        // The grammar counts bytes in 32 bits.
        let most = limits.bytes.min(u32::MAX as usize >> 1);
        if text.len() > most {
            return Err(Fault::TooLong { bytes: text.len(), most });
        }
        Ok(Self { begun: Instant::now(), time: limits.time, ticks: 0 })
    }

    /// One more step; the first looks at the clock.
    pub(crate) fn tick(&mut self) -> Result<(), Fault> {
        let looks = self.ticks.is_multiple_of(Self::TICKS_A_LOOK);
        self.ticks = self.ticks.wrapping_add(1);
        if looks { self.look() } else { Ok(()) }
    }

    /// Looks at the clock.
    pub(crate) fn look(&self) -> Result<(), Fault> {
        if self.begun.elapsed() < self.time { Ok(()) } else { Err(self.fault()) }
    }

    /// What is said when the time is over.
    pub(crate) fn fault(&self) -> Fault {
        Fault::TooSlow { after_ms: u64::try_from(self.time.as_millis()).unwrap_or(u64::MAX) }
    }
}
