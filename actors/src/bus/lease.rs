//! [`Lease`]: how long the oldest unacknowledged message may stay so.

use crate::vocabulary::Position;
use std::time::Duration;
use tokio::time::Instant;

/// The oldest unacknowledged message, and how long it may stay so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lease {
    pub(super) position: Position,
    /// Which of its deliveries this is, from 1.
    pub(super) delivery: u32,
    /// Delivered again after this moment, it counts as another delivery.
    pub(super) counts: Instant,
    /// When it is delivered again by itself.
    pub(super) until: Instant,
    /// How long it was at first.
    pub(super) wait: Duration,
}

/// What follows a lease that has run out.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is delivered again, having been delivered so often in vain.
    Again(u32),
    /// It was delivered so often in vain, and that is enough.
    Dead(u32),
}

impl Lease {
    /// The lease of a message that was delivered in vain `before` times.
    pub(super) fn new(position: Position, before: u32, now: Instant, wait: Duration) -> Self {
        let until = now + wait;
        Self { position, delivery: before.saturating_add(1), counts: until, until, wait }
    }

    /// The lease of what is the oldest after this one: a message that was delivered in vain `before` times.
    pub(super) fn pass_on(&self, position: Position, before: u32, now: Instant) -> Self {
        Self::new(position, before, now, self.wait)
    }

    /// What follows when another consumer gets the message at this moment. Reconnecting costs nothing, but
    /// who does nothing else uses its deliveries up.
    pub(super) fn verdict_of_return(&self, now: Instant, max_deliveries: u32) -> Option<Verdict> {
        Self { until: self.counts, ..*self }.verdict(now, max_deliveries)
    }

    /// What follows, if it has run out.
    pub(super) fn verdict(&self, now: Instant, max_deliveries: u32) -> Option<Verdict> {
        if now < self.until {
            None
        } else if self.delivery >= max_deliveries {
            Some(Verdict::Dead(self.delivery))
        } else {
            Some(Verdict::Again(self.delivery))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_reconnects_in_time_uses_up_no_delivery() {
        let (now, wait) = (Instant::now(), Duration::from_secs(1));
        let lease = Lease { until: now + wait * 9, ..Lease::new(7, 0, now, wait) };
        assert_eq!(lease.verdict_of_return(now + wait / 2, 3), None);
        assert_eq!(lease.verdict_of_return(now + wait, 3), Some(Verdict::Again(1)));
        assert_eq!(lease.verdict(now + wait, 3), None);
    }

    #[test]
    fn a_message_gets_as_many_leases_as_deliveries_and_is_then_dead() {
        let (now, wait) = (Instant::now(), Duration::from_secs(1));
        let mut before = 0;
        let mut verdicts = Vec::new();
        for _ in 0..3 {
            let lease = Lease::new(7, before, now, wait);
            assert_eq!(lease.verdict(now, 3), None, "it has only begun");
            let verdict = lease.verdict(now + wait, 3).unwrap();
            if let Verdict::Again(count) = verdict {
                before = count;
            }
            verdicts.push(verdict);
        }
        assert_eq!(verdicts, [Verdict::Again(1), Verdict::Again(2), Verdict::Dead(3)]);
    }
}
