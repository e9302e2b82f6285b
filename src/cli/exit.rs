//! How a command ends, as scripts see it. The numbers never change.

use std::process::ExitCode;

/// The outcome of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done,
    /// The work failed: a process is DEAD or CANCELLED, or a check found faults.
    Failed,
    /// The command line or a setting is wrong. clap ends with this number too.
    Usage,
    /// The server cannot be reached, or does not accept the token.
    Unreachable,
    /// There is nothing with that id, path or name.
    NotFound,
    /// The server refused: it does not fit the state of things (409) or cannot be understood (422).
    Refused,
    /// Told to stop before the end: 128 and the number of SIGINT, as shells have it.
    Interrupted,
    /// Overloaded or not ready (503): the same command may succeed later. `EX_TEMPFAIL` of sysexits.h.
    TryAgain,
}

impl Exit {
    /// The number that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Unreachable => 3,
            Self::NotFound => 4,
            Self::Refused => 5,
            Self::TryAgain => 75,
            Self::Interrupted => 130,
        }
    }

    /// The outcome that an HTTP status of the server means.
    pub fn of_status(status: u16) -> Self {
        match status {
            200..=399 => Self::Done,
            401 | 403 => Self::Unreachable,
            404 | 410 => Self::NotFound,
            400 | 405..=428 => Self::Refused,
            429 | 502..=504 => Self::TryAgain,
            _ => Self::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_of_the_server_becomes_the_number_that_the_help_promises() {
        let numbers =
            [202, 401, 404, 409, 422, 503, 500].map(|status| Exit::of_status(status).code());
        assert_eq!(numbers, [0, 3, 4, 5, 5, 75, 1]);
    }
}
