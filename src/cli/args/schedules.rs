//! `schedule`: what is started by the clock, from the command line.

use clap::{Args, Subcommand, ValueEnum};

use super::help;
use super::spawn::Spawn;
use super::workflows::Run;

/// `schedule`
#[derive(Clone, Debug, Subcommand)]
#[command(after_help = help::SCHEDULE)]
pub enum Schedule {
    /// Have something started by the clock
    Create(Timetable),
    /// Have one start something else from now on, or at other times
    Change(Timetable),
    /// List schedules, the newest first
    List(ListSchedules),
    /// Show one: what it starts, its next times, what came of the last ones
    Show {
        /// Its name
        id: String,
    },
    /// Let its times pass
    Pause {
        /// Its name
        id: String,
    },
    /// Go on with its next time
    Resume {
        /// Its name
        id: String,
    },
    /// Have it start now what it starts
    Run {
        /// Its name
        id: String,
    },
    /// End it; what it did stays known
    Delete {
        /// Its name
        id: String,
    },
}

/// `schedule create`, `schedule change`
#[derive(Clone, Debug, Args)]
#[command(after_help = help::SCHEDULE)]
pub struct Timetable {
    /// Its name
    pub id: String,
    /// When
    #[command(flatten)]
    pub when: When,
    /// The time zone of --cron, by its IANA name, like Europe/Berlin [default: UTC]
    #[arg(long, value_name = "ZONE", conflicts_with_all = ["at", "after"])]
    pub zone: Option<String>,
    /// What becomes of times at which no server ran [default: once]
    #[arg(long, value_name = "HOW")]
    pub missed: Option<Missed>,
    /// What happens while what was started last still runs [default: start]
    #[arg(long, value_name = "HOW")]
    pub overlap: Option<Overlap>,
    /// A time counts as missed when nobody saw to it for so long [default: 60]
    #[arg(long, value_name = "SECONDS")]
    pub tolerance: Option<u32>,
    /// The same key again gives the same schedule instead of an error
    #[arg(long = "schedule-key", value_name = "KEY")]
    pub key: Option<String>,
    /// What is started
    #[command(subcommand)]
    pub what: What,
}

/// When.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
pub struct When {
    /// Again and again: minute, hour, day, month, weekday; or seconds before them, or @daily
    #[arg(long, value_name = "EXPRESSION")]
    pub cron: Option<String>,
    /// Once, at a moment (RFC 3339)
    #[arg(long, value_name = "MOMENT")]
    pub at: Option<String>,
    /// Once, after a span of time: 90s, 5m, 1h30m
    #[arg(long = "in", value_name = "SPAN")]
    pub after: Option<String>,
}

/// What is started.
#[derive(Clone, Debug, Subcommand)]
pub enum What {
    /// A workflow, or with --id another run of one that is there
    Run(Run),
    /// A process
    Spawn(Spawn),
}

/// What becomes of times at which no server ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Missed {
    /// Nothing
    Skip,
    /// One start stands for all of them
    Once,
    /// Each is made good, in order
    All,
}

/// What happens while what was started last still runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Overlap {
    /// Another is started
    Start,
    /// Nothing
    Skip,
}

/// `schedule list`
#[derive(Clone, Debug, Args)]
pub struct ListSchedules {
    /// Only those in this status: active, paused, failed or ended
    #[arg(long)]
    pub status: Option<String>,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: u32,
}
