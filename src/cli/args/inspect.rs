//! The commands that look and change nothing, and those that look after the journal.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::help;

/// `ps`
#[derive(Clone, Debug, Args)]
#[command(after_help = help::PS)]
pub struct Ps {
    /// Only those in this status
    #[arg(long, ignore_case = true, conflicts_with = "all")]
    pub status: Option<Status>,
    /// Only those of this runtime
    #[arg(long, value_name = "NAME")]
    pub runtime: Option<String>,
    /// Only those of this session
    #[arg(long, value_name = "ID")]
    pub session: Option<String>,
    /// Only those of this agent
    #[arg(long, value_name = "ID")]
    pub agent: Option<String>,
    /// How many at most, the newest first
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: u32,
    /// Ended ones too
    #[arg(long)]
    pub all: bool,
}

/// The status of a process, in the order of its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[expect(
    missing_docs,
    reason = "the transition table at the head of the process machine says what each means"
)]
pub enum Status {
    Pending,
    Starting,
    Running,
    Success,
    Completed,
    Failed,
    Retry,
    Indeterminate,
    Dead,
    Cancelling,
    Cancelled,
    Parked,
}

impl Status {
    /// The word as the API knows it: in capitals.
    pub fn word(self) -> String {
        format!("{self:?}").to_uppercase()
    }
}

/// `tree`
#[derive(Clone, Debug, Args)]
#[command(after_help = help::TREE)]
pub struct Tree {
    /// Path of the actor to begin at
    #[arg(default_value = "/")]
    pub path: String,
    /// How many levels to show below it [default: all]
    #[arg(long, value_name = "N")]
    pub depth: Option<u32>,
}

/// `messages`
#[derive(Clone, Debug, Args)]
#[command(after_help = help::MESSAGES)]
pub struct Messages {
    /// Only those whose topic matches this pattern
    #[arg(long, value_name = "PATTERN")]
    pub topic: Option<String>,
    /// Only those of this stream, as KIND/ID
    #[arg(long, value_name = "STREAM")]
    pub stream: Option<String>,
    /// Only those behind this position [default: all, or new ones only with --follow]
    #[arg(long, value_name = "POSITION")]
    pub after: Option<u64>,
    /// How many at most [default: 100, or no limit with --follow]
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
    /// Go on with new ones as they come
    #[arg(long, short)]
    pub follow: bool,
}

/// `sessions`
#[derive(Clone, Debug, Args)]
pub struct Sessions {
    /// Session to show; without it they are listed
    pub id: Option<String>,
}

/// `journal`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub enum JournalCommand {
    /// Check the database, the positions, the versions and the files they name
    Verify,
    /// Build the read models anew from the messages
    Rebuild,
}

/// `step`
#[derive(Clone, Debug, Args)]
#[command(after_help = help::STEP)]
pub struct Step {
    /// Stream to walk through, as KIND/ID; without it the streams are listed
    pub stream: Option<String>,
    /// Database file [default: the one of the home]
    #[arg(long, value_name = "FILE")]
    pub db: Option<PathBuf>,
    /// Version to begin at
    #[arg(long, value_name = "VERSION", requires = "stream")]
    pub from: Option<u64>,
    /// Print all steps instead of asking after each
    #[arg(long)]
    pub all: bool,
}
