//! How much is done: enough to measure, or just enough to see that it runs.

/// How much is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    /// Enough to measure.
    Full,
    /// Just enough to see that it runs.
    Tiny,
}

impl Scale {
    /// What `CALLBOARD_BENCH` asks for.
    pub(crate) fn of_environment() -> anyhow::Result<Self> {
        match std::env::var("CALLBOARD_BENCH").as_deref() {
            Err(_) | Ok("" | "full") => Ok(Self::Full),
            Ok("tiny") => Ok(Self::Tiny),
            Ok(other) => anyhow::bail!("CALLBOARD_BENCH is {other:?}: say full or tiny"),
        }
    }

    /// The one or the other.
    pub(crate) fn pick<T>(self, full: T, tiny: T) -> T {
        match self {
            Self::Full => full,
            Self::Tiny => tiny,
        }
    }
}
