//! `config` and `metrics`: settings that change while a server runs, and what became of the work.

use clap::{Args, Subcommand, ValueEnum};

use super::help;

/// `config`
#[derive(Clone, Debug, Subcommand)]
#[command(after_help = help::CONFIG)]
pub enum ConfigCommand {
    /// List all settings: what is in force, and who made it
    List,
    /// Show one setting
    Get {
        /// Name of the setting, as in `processes.default_model`
        key: String,
    },
    /// Change a setting while the server runs, and keep the change
    Set(Set),
    /// Take a change back: what the file or the default says holds again
    Unset {
        /// Name of the setting
        key: String,
    },
    /// Seal all secrets anew, with a new key
    RotateKey,
}

/// `config set`
#[derive(Clone, Debug, Args)]
pub struct Set {
    /// Name of the setting, as in `processes.default_model`
    pub key: String,
    /// Its value, as in the file; `-` reads it from stdin, so that a secret stays out of the shell's history
    #[arg(allow_hyphen_values = true)]
    pub value: String,
    /// Why, for whoever looks at it later
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
}

/// `metrics`
#[derive(Clone, Debug, Args)]
#[command(after_help = help::METRICS)]
pub struct Metrics {
    /// Totals by this
    #[arg(long, default_value = "model", conflicts_with = "name")]
    pub by: Side,
    /// Points of this series by the hour, instead of totals
    #[arg(long, value_name = "SERIES")]
    pub name: Option<String>,
    /// From this moment, or day, on
    #[arg(long, value_name = "MOMENT")]
    pub from: Option<String>,
    /// Before this moment, or up to this day
    #[arg(long, value_name = "MOMENT")]
    pub to: Option<String>,
    /// Only points with these tags, as in model:sonnet,runtime:replay
    #[arg(long, value_name = "TAGS", requires = "name")]
    pub tags: Option<String>,
    /// How many points at most
    #[arg(long, value_name = "N", default_value_t = 200, requires = "name")]
    pub limit: u32,
}

/// What totals are by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Side {
    /// On whose behalf
    Agent,
    /// The model that was ordered
    Model,
    /// The day of the end, UTC
    Day,
    /// The runtime
    Runtime,
}

impl Side {
    /// The word as the API knows it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Model => "model",
            Self::Day => "day",
            Self::Runtime => "runtime",
        }
    }
}
