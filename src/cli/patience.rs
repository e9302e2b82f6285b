//! [`Patience`] with a server that is away for a moment: restarted, killed, overloaded. Nothing is lost meanwhile.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::failure::Failure;
use super::out::remark;

/// How long a server may be away.
const MOST: Duration = Duration::from_mins(1);

/// How long it may be away before it is worth a word.
const UNSAID: Duration = Duration::from_secs(1);

/// The pause before it is tried again.
const PAUSE: Duration = Duration::from_millis(200);

/// Since when the server has been away.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Patience {
    since: Option<Instant>,
    is_said: bool,
}

impl Patience {
    /// Waits a moment.
    ///
    /// # Errors
    /// The failure itself, if waiting cannot mend it or has not for long enough.
    pub(super) async fn bear(&mut self, failure: Failure) -> Result<(), Failure> {
        if !failure.may_pass() {
            return Err(failure);
        }
        let away = self.since.get_or_insert_with(Instant::now).elapsed();
        if away > MOST {
            return Err(failure);
        }
        if away > UNSAID && !std::mem::replace(&mut self.is_said, true) {
            remark(format!("{}; waiting", failure.message));
        }
        sleep(PAUSE).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Exit;

    #[tokio::test(start_paused = true)]
    async fn it_ends_after_a_minute() {
        let mut patience = Patience::default();
        let mut times = 0;
        while patience.bear(Failure::new(Exit::TryAgain, "full")).await.is_ok() {
            times += 1;
        }
        assert_eq!(times, 301);
    }

    #[tokio::test(start_paused = true)]
    async fn what_waiting_cannot_mend_is_not_waited_for() {
        let failure = Patience::default().bear(Failure::new(Exit::NotFound, "none")).await;
        assert_eq!(failure.unwrap_err().exit, Exit::NotFound);
    }
}
