//! When a failed attempt is followed by another.

use super::command::RetryPolicy;
use crate::vocabulary::{StreamId, Timestamp, derived_uuid};
use std::time::Duration;

/// So many attempts that are lost are followed at once: servers fall, and what they did is to go on. Whose attempts
/// are lost again and again brings that about itself (it takes all the memory there is, it kills), and each of
/// them may have been paid for.
const LOST_AT_ONCE: u32 = 3;

/// A provider that asks for more than an hour has nothing to say that is worth waiting for: the next
/// attempt will hear it again, and a mistaken header must not put a process off for years.
const LONGEST_RETRY_AFTER_MS: u64 = 60 * 60 * 1_000;

impl RetryPolicy {
    /// When retry number `retry` (from 1) of this stream may begin: exponential, up to a quarter less
    /// by jitter (hashed from stream and attempt, so that a rebuild comes to the same), and not before
    /// the provider's own `Retry-After`, as long as that is an hour at most.
    pub(super) fn due(
        &self,
        stream: &StreamId,
        attempt: u32,
        retry: u32,
        retry_after_ms: Option<u64>,
        now: Timestamp,
    ) -> Timestamp {
        let doubled = self.first_ms.saturating_mul(1 << retry.saturating_sub(1).min(30));
        let full = doubled.min(self.max_ms);
        let parts = [stream.kind, stream.name.as_str(), &attempt.to_string()];
        let jitter = u64::from(derived_uuid(&parts).as_bytes()[0]);
        let wait = full - full / 1_024 * jitter;
        let asked = retry_after_ms.unwrap_or(0).min(LONGEST_RETRY_AFTER_MS);
        now.after(Duration::from_millis(wait.max(asked)))
    }

    /// When the attempt after a lost one may begin; `lost` of them were lost before that one.
    pub(super) fn due_after_loss(
        &self,
        stream: &StreamId,
        attempt: u32,
        lost: u32,
        now: Timestamp,
    ) -> Timestamp {
        match (lost + 1).saturating_sub(LOST_AT_ONCE) {
            0 => now,
            late => self.due(stream, attempt, late, None, now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attempts_that_are_lost_again_and_again_follow_one_another_ever_more_slowly() {
        let stream = StreamId { kind: "process", name: "p".parse().unwrap() };
        let policy = RetryPolicy { max_retries: 0, max_lost: 20, first_ms: 4_000, max_ms: 60_000 };
        let due = |lost| policy.due_after_loss(&stream, lost + 1, lost, Timestamp(0)).0;
        assert_eq!([due(0), due(1), due(2)], [0; 3]);
        assert!((3_000..=4_000).contains(&due(3)) && (6_000..=8_000).contains(&due(4)));
        assert!((45_000..=60_000).contains(&due(19)));
    }

    #[test]
    fn no_number_however_large_puts_a_retry_off_for_years() {
        let stream = StreamId { kind: "process", name: "p".parse().unwrap() };
        let policy = |ms| RetryPolicy { max_retries: 2, max_lost: 2, first_ms: ms, max_ms: ms };
        let due = |ms, asked| policy(ms).due(&stream, 1, 1, asked, Timestamp(0)).0;
        assert_eq!(due(4_000, Some(u64::MAX)), 3_600_000);
        assert_eq!(due(4_000, Some(60_000)), 60_000, "what is reasonable is honoured");
        assert!((3_000..=4_000).contains(&due(4_000, None)));
        assert_eq!(due(u64::MAX, None), Timestamp::MAX.0, "nothing overflows");
    }
}
