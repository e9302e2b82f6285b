//! [`Estimate`]: what a call may cost at most, before it is made: one of a model, or what a tool asks of others.

/// What a call may cost at most, as far as anybody can say.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Estimate {
    /// Tokens, in and out; `None`: nobody knows.
    pub tokens: Option<u64>,
    /// US dollars; `None`: nobody knows.
    pub usd: Option<f64>,
}

impl Estimate {
    /// What either may cost; where nobody knows it of one, nobody does.
    #[must_use]
    pub fn or_dearer(self, other: Self) -> Self {
        Self {
            tokens: self.tokens.zip(other.tokens).map(|(a, b)| a.max(b)),
            usd: self.usd.zip(other.usd).map(|(a, b)| a.max(b)),
        }
    }
}
