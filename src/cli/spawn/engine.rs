//! [`Engine`]: the whole system inside this very program, for as long as one process takes.

use callboard_actors::journal::HomeError;

use crate::cli::Exit;
use crate::cli::client::Client;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::settings::Secret;
use crate::{startup, telemetry};

/// A system that runs on threads of its own.
pub(super) struct Engine(startup::Embedded);

impl Engine {
    /// Starts it on the home, and what waits there goes on.
    ///
    /// # Errors
    /// [`Exit::TryAgain`] where another one works in the home.
    pub(super) fn start(context: &Context) -> Result<Self, Failure> {
        match telemetry::start(&context.settings()?.log) {
            Ok(()) | Err(telemetry::Error::AlreadyStarted(_)) => {}
            Err(error) => return Err(Failure::new(Exit::Usage, error)),
        }
        startup::embed(&context.sources).map(Self).map_err(|error| failure(&error))
    }

    /// A client of it.
    pub(super) fn client(&self) -> Result<Client, Failure> {
        let token = Secret::new(self.0.token.as_str());
        Client::new(&format!("http://{}", self.0.address), Some(token))
    }

    /// Stops it in order. What is not at its end goes on with the next one.
    pub(super) async fn stop(self) -> Result<(), Failure> {
        // On another thread, so that connections to it can close meanwhile.
        let stopped = tokio::task::spawn_blocking(move || self.0.stop()).await;
        stopped.unwrap_or_else(|error| Err(error.into())).map_err(|error| failure(&error))
    }
}

/// What went wrong with a start, in one line.
pub(in crate::cli) fn failure(error: &anyhow::Error) -> Failure {
    let in_use = error.downcast_ref::<HomeError>();
    let exit = match in_use {
        Some(HomeError::InUse(_)) => Exit::TryAgain,
        _ => Exit::Failed,
    };
    Failure::new(exit, chain(error))
}

/// An error with its causes, each said once: many texts hold that of their cause already.
fn chain(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if text.contains(&cause) {
            continue;
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&cause);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context as _;

    #[test]
    fn each_cause_is_said_once() {
        let error: Result<(), _> = Err(std::io::Error::other("the disk is gone"));
        let error = error.context("failed to open it: the disk is gone").context("no start");
        let text = chain(&error.unwrap_err());
        assert_eq!(text, "no start: failed to open it: the disk is gone");
    }
}
