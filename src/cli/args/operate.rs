//! `operate`: what an operator may do to an actor.

use clap::{Args, ValueEnum};

use super::help;

/// `operate`
#[derive(Clone, Debug, PartialEq, Eq, Args)]
#[command(after_help = help::OPERATE)]
pub struct Operate {
    /// What to do
    pub verb: Verb,
    /// Path of the actor, as `tree` shows it
    pub path: String,
}

/// What an operator may do to an actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Verb {
    /// Rebuild it from the journal
    Restart,
    /// Keep it from acting until resumed
    Suspend,
    /// Let a suspended one act again
    Resume,
    /// End it in order
    Stop,
    /// Parked: tell it again what it panicked on
    Retry,
    /// Parked: note that command as failed and go on
    Skip,
    /// Parked: end it and tell its parent
    Fail,
}

impl Verb {
    /// The word, as it stands in the path of the API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Restart => "restart",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Stop => "stop",
            Self::Retry => "retry",
            Self::Skip => "skip",
            Self::Fail => "fail",
        }
    }
}
