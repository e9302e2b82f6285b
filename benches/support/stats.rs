//! Medians and percentiles.

use std::time::Duration;

/// How long each of many things took.
#[derive(Debug, Default)]
pub(crate) struct Sample(Vec<Duration>);

impl Sample {
    /// Adds what others took.
    pub(crate) fn extend(&mut self, others: impl IntoIterator<Item = Duration>) {
        self.0.extend(others);
    }

    /// The time within which this share of them was done, from 0 to 1; zero for none at all.
    pub(crate) fn percentile(&mut self, share: f64) -> Duration {
        self.0.sort_unstable();
        percentile(&self.0, share).unwrap_or_default()
    }
}

/// The item of a sorted list that this share of them does not exceed.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "an index between the first and the last"
)]
fn percentile<T: Copy>(sorted: &[T], share: f64) -> Option<T> {
    let last = sorted.len().checked_sub(1)?;
    sorted.get((last as f64 * share).round() as usize).copied()
}

/// The middle one; NaN for none.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    percentile(&values, 0.5).unwrap_or(f64::NAN)
}
