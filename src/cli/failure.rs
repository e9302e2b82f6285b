//! [`Failure`]: why a command did not do what was asked, and the number it ends with.

use std::fmt::Display;
use std::io;

use super::Exit;

/// Why a command ended early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// How the program ends.
    pub(super) exit: Exit,
    /// One line for people: what was tried, what was wrong, what to do. Empty: nothing is to be said.
    pub(super) message: String,
}

impl Failure {
    pub(super) fn new(exit: Exit, message: impl Display) -> Self {
        Self { exit, message: message.to_string() }
    }

    /// Whoever read our output has heard enough.
    fn closed_pipe() -> Self {
        Self { exit: Exit::Done, message: String::new() }
    }

    /// Whether the same may succeed when the server is back.
    pub(super) fn may_pass(&self) -> bool {
        matches!(self.exit, Exit::Unreachable | Exit::TryAgain)
    }
}

impl From<io::Error> for Failure {
    /// Of writing to stdout: the only input and output that commands do without a word of their own.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::closed_pipe(),
            _ => Self::new(Exit::Failed, format!("failed to write to stdout: {error}")),
        }
    }
}

/// How a command ends.
pub(super) type Outcome = Result<Exit, Failure>;
