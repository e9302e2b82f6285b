//! [`Meter`]: what a call of a tool costs where it asks others who are paid (a search, a vector), told by whoever asks.
//!
//! Who is asked is told before ([`Meter::asks`]); what he says it has cost, after. Where that is never said, because the
//! call was given up or the answer lost, it may have been paid for: it counts as lost.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a call has cost so far. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<Mutex<Spent>>);

/// What was asked, and what it has cost.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Spent {
    /// The tokens of what was answered, in and out.
    pub tokens: u64,
    /// Its price in US dollars, as far as it is known.
    pub usd: f64,
    /// How many answers have a price that nobody knows.
    pub unpriced: u32,
    /// How often nobody knows whether it was paid for.
    pub lost: u32,
}

/// Somebody who is paid is being asked. Dropped without a word, it is lost.
#[derive(Debug)]
#[must_use]
pub struct Asking {
    meter: Meter,
    is_told: bool,
}

impl Meter {
    /// Somebody who is paid is about to be asked.
    pub fn asks(&self) -> Asking {
        Asking { meter: self.clone(), is_told: false }
    }

    /// What it has come to so far.
    pub fn spent(&self) -> Spent {
        *self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, Spent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PartialEq for Meter {
    fn eq(&self, other: &Self) -> bool {
        self.spent() == other.spent()
    }
}

impl Asking {
    /// It has cost so much; `None`: nobody knows the price.
    pub fn cost(mut self, tokens: u64, usd: Option<f64>) {
        self.is_told = true;
        let mut spent = self.meter.lock();
        spent.tokens = spent.tokens.saturating_add(tokens);
        spent.usd += usd.unwrap_or(0.0);
        spent.unpriced += u32::from(usd.is_none());
    }

    /// It was refused, or never sent.
    pub fn cost_nothing(mut self) {
        self.is_told = true;
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        if !self.is_told {
            self.meter.lock().lost += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_counts_and_what_is_given_up_is_lost() {
        let meter = Meter::default();
        meter.asks().cost(10, Some(0.5));
        meter.asks().cost(2, None);
        meter.asks().cost_nothing();
        drop(meter.clone().asks());
        let expected = Spent { tokens: 12, usd: 0.5, unpriced: 1, lost: 1 };
        assert_eq!(meter.spent(), expected);
    }
}
