//! The program, its global options, and the list of its commands.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::config::{ConfigCommand, Metrics};
use super::help;
use super::inspect::{JournalCommand, Messages, Ps, Sessions, Step, Tree};
use super::operate::Operate;
use super::spawn::Spawn;
use crate::settings::{Secret, Sources};

/// Where help lists the options of every command.
const GLOBAL: &str = "Global options";

/// Runs teams of AI agents and never forgets what they did.
#[derive(Clone, Debug, Parser)]
#[command(name = "callboard", version, after_help = help::ROOT, arg_required_else_help = true)]
pub struct Arguments {
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Options that stand before or after any command.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// Folder that holds everything [default: ./.callboard]
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "DIR")]
    pub home: Option<PathBuf>,
    /// Settings file [default: ./config/callboard.toml if it exists]
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Server to talk to [default: the one that runs in the home]
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "URL", env = "CALLBOARD_URL")]
    pub url: Option<String>,
    /// Token of that server [default: read from the home]
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "TOKEN", env = "CALLBOARD_TOKEN", hide_env_values = true, value_parser = secret)]
    pub token: Option<Secret>,
    /// Print JSON for scripts instead of text for people
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub json: bool,
}

impl Global {
    /// Says in the sources of the settings what was said here.
    pub fn tell(&self, sources: &mut Sources) {
        if let Some(home) = &self.home {
            sources.flag("--home", home.to_string_lossy());
        }
    }
}

/// What callboard can do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Serve HTTP and WebSocket until told to stop
    Serve(Serve),
    /// Run a prompt as a process
    Spawn(Spawn),
    /// List processes
    Ps(Ps),
    /// Show a process with its answer and its messages; or a session; or an actor
    Show {
        /// Id of the process or session, or path of the actor
        id: String,
    },
    /// Cancel a process
    Cancel {
        /// Id of the process
        id: String,
    },
    /// Try a dead process again
    Retry {
        /// Id of the process
        id: String,
    },
    /// Show the tree of actors
    Tree(Tree),
    /// Restart an actor: rebuild it from the journal
    Restart {
        /// Path of the actor, as `tree` shows it
        path: String,
    },
    /// Suspend, resume, stop or restart an actor, or decide on a parked one
    Operate(Operate),
    /// List messages, or follow them
    Messages(Messages),
    /// List sessions, or show one
    Sessions(Sessions),
    /// Show settings, and change them while the server runs
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Show what became of the work: counts, durations, tokens, cost
    Metrics(Metrics),
    /// Ask the server how it is; exit code 1 if unhealthy
    Health,
    /// Ask the server what it is: version, settings, runtimes
    Info,
    /// Check the journal, or rebuild what is read from it
    #[command(subcommand, after_help = help::JOURNAL)]
    Journal(JournalCommand),
    /// Walk through a journal, event by event
    Step(Step),
}

/// `serve`
#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// Address and port; port 0 takes any free one [default: 127.0.0.1:8000]
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,
}

impl Serve {
    /// Says in the sources of the settings what was said here.
    pub fn tell(&self, sources: &mut Sources) {
        if let Some(listen) = self.listen {
            sources.flag("--listen", listen.to_string());
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "clap wants parsers that may fail")]
fn secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::new(text))
}
