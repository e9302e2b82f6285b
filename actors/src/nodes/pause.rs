//! [`Pause`]: the wait before something is tried again, twice as long each time.

use std::time::Duration;

/// The wait before something is tried again.
pub(crate) struct Pause(Duration);

impl Pause {
    const FIRST: Duration = Duration::from_millis(20);
    const LONGEST: Duration = Duration::from_secs(2);

    pub(crate) fn new() -> Self {
        Self(Self::FIRST)
    }

    /// Waits.
    pub(crate) async fn rest(&mut self) {
        tokio::time::sleep(self.0).await;
        self.0 = (self.0 * 2).min(Self::LONGEST);
    }
}
