//! [`Reason`]: why a consumer refuses a message, and for how long, checked.

use std::time::Duration;

/// Why a message is refused, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    pub(super) error: String,
    pub(super) delay: Duration,
}

/// Why a reason is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadReason {
    /// It is too long to be kept beside a delivery.
    #[error("error has {0} bytes, but may have at most {MOST_BYTES}: say it shorter")]
    Long(usize),
    /// That is no time to wait.
    #[error("delay_ms is {0}, but has to be 0 to 86400000")]
    Delay(u64),
}

const MOST_BYTES: usize = 2_000;
const DAY_MS: u64 = 86_400_000;
/// So long where nothing is said: at once, its deliveries would be used up within milliseconds.
const DELAY_MS: u64 = 1_000;

impl Reason {
    /// What a consumer said.
    ///
    /// # Errors
    /// If it said too much, or wants to wait for more than a day.
    pub fn new(error: Option<String>, delay_ms: Option<u64>) -> Result<Self, BadReason> {
        let error = error.unwrap_or_else(|| "its consumer refused it".to_owned());
        match delay_ms.unwrap_or(DELAY_MS) {
            _ if error.len() > MOST_BYTES => Err(BadReason::Long(error.len())),
            delay if delay > DAY_MS => Err(BadReason::Delay(delay)),
            delay => Ok(Self { error, delay: Duration::from_millis(delay) }),
        }
    }
}
