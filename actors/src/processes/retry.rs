//! When a failed attempt is followed by another.

use super::command::RetryPolicy;
use crate::vocabulary::{StreamId, Timestamp, derived_uuid};
use std::time::Duration;

impl RetryPolicy {
    /// When retry number `retry` (from 1) of this stream may begin: exponential, up to a quarter less
    /// by jitter (hashed from stream and attempt, so that a rebuild comes to the same), and not before
    /// the provider's own `Retry-After`.
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
        let wait = full - full * jitter / 1_024;
        now.after(Duration::from_millis(wait.max(retry_after_ms.unwrap_or(0))))
    }
}
