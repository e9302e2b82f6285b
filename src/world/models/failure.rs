//! Why a call brought no answer, and what that means for the next try.

use callboard_actors::processes::Charge;
use std::io;
use std::time::Duration;

/// A call that brought no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What went wrong, as a caller has to know it.
    pub kind: FailureKind,
    /// What was tried, what came back and, where a person can mend it, how. Holds no secret.
    pub message: String,
    /// How long the server asked to be left alone.
    pub retry_after: Option<Duration>,
    /// What it has cost all the same. Who has nothing to add takes that of its kind.
    pub charge: Charge,
}

/// The kinds of failure a caller treats differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The request itself is at fault (400, 413 …), or was refused for its content: no retry can mend it, and nobody
    /// else is to be asked it either.
    Rejected,
    /// The key is missing, wrong, lacks the right (401, 403) or has no money left.
    Unauthorized,
    /// The provider cannot, whatever is done: it has no such model, is not at this address (404), knows no tools.
    Unable,
    /// Too many requests or tokens for this key (429).
    RateLimited,
    /// The vendor has no room for anyone right now (529, 503).
    Overloaded,
    /// The server failed (other 5xx) or asks for another try (408, 409).
    ServerError,
    /// The stream or the connection ended before the answer did.
    Cut,
    /// No byte came within the read timeout.
    Stalled,
    /// No connection could be made.
    Unreachable,
    /// A replay has nothing for this prompt.
    NoRecording,
    /// The server sent what cannot be understood.
    Malformed,
    /// The answer could not be written to where it was to stream: a fault on our side.
    Output,
}

impl FailureKind {
    /// Whether the same call may succeed if it is made again later.
    pub const fn is_retryable(self) -> bool {
        match self {
            Self::RateLimited
            | Self::Overloaded
            | Self::ServerError
            | Self::Cut
            | Self::Stalled
            | Self::Unreachable
            | Self::Malformed
            // The disk was full, say: the next attempt may find room.
            | Self::Output => true,
            Self::Rejected | Self::Unauthorized | Self::Unable | Self::NoRecording => false,
        }
    }

    /// What a call costs that ended like this before any of its answer came: whoever refuses one has not taken it. Of all
    /// else nobody knows.
    pub const fn charge(self) -> Charge {
        match self {
            Self::Rejected
            | Self::Unauthorized
            | Self::Unable
            | Self::RateLimited
            | Self::Overloaded
            | Self::Unreachable
            | Self::NoRecording => Charge::Nothing,
            Self::ServerError | Self::Cut | Self::Stalled | Self::Malformed | Self::Output => {
                Charge::Unknown
            }
        }
    }
}

impl Failure {
    /// A failure without a wish for when to come back.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), retry_after: None, charge: kind.charge() }
    }

    /// The failure of an output that refused its text.
    pub(super) fn output(error: &io::Error) -> Self {
        Self::new(FailureKind::Output, format!("failed to write the answer: {error}"))
    }

    /// Whether the same call may succeed if it is made again later, after `retry_after` if given.
    pub const fn is_retryable(&self) -> bool {
        self.kind.is_retryable()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_provider_that_did_not_take_a_call_is_not_paid_for_it() {
        let free = |kind: FailureKind| kind.charge().is_nothing();
        for kind in [
            FailureKind::Rejected,
            FailureKind::Unauthorized,
            FailureKind::Unable,
            FailureKind::RateLimited,
            FailureKind::Overloaded,
            FailureKind::Unreachable,
            FailureKind::NoRecording,
        ] {
            assert!(free(kind), "{kind:?}");
        }
        for kind in [
            FailureKind::ServerError,
            FailureKind::Cut,
            FailureKind::Stalled,
            FailureKind::Malformed,
            FailureKind::Output,
        ] {
            assert!(!free(kind), "{kind:?}");
        }
    }
}
