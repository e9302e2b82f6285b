//! The program, its global options, and the list of its commands.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::agents::Agents;
use super::chat::Chat;
use super::config::{ConfigCommand, Metrics};
use super::help;
use super::inspect::{JournalCommand, Messages, Ps, Sessions, Step, Tree};
use super::memory::Memory;
use super::operate::Operate;
use super::rules::{Audit, Output, Rules};
use super::schedules::Schedule;
use super::spawn::Spawn;
use super::travel::{Compare, Files, Fork, Replay, Undo};
use super::workflows::{Run, Workflows};
use crate::settings::{Secret, Sources};
use crate::why::shell_word;

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

    /// Where things are, as it was said here: what another command has to be told to find the same. The token
    /// is left out: it is not to be shown.
    pub fn flags(&self) -> Vec<String> {
        let path = |path: &PathBuf| path.to_string_lossy().into_owned();
        let said = [
            ("--home", self.home.as_ref().map(path)),
            ("--config", self.config.as_ref().map(path)),
            ("--url", self.url.clone()),
        ];
        let said = said.into_iter().filter_map(|(flag, value)| Some((flag, value?)));
        said.flat_map(|(flag, value)| [flag.to_owned(), shell_word(&value)]).collect()
    }
}

/// What callboard can do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Serve HTTP and WebSocket until told to stop
    Serve(Serve),
    /// Run a prompt as a process
    Spawn(Spawn),
    /// Run a workflow to its end: `run debate topic="tea or coffee"`
    Run(Run),
    /// Talk with a workflow: say what is wished for, look on, answer what it asks
    Chat(Chat),
    /// List workflows, show, steer or answer one; check their definitions
    Workflows(Workflows),
    /// Have workflows and processes started by the clock
    #[command(subcommand)]
    Schedule(Schedule),
    /// Begin another workflow where one stood, with another state, model or way if wanted
    Fork(Fork),
    /// Run a workflow again with recorded answers: nobody is asked, and it costs nothing
    Replay(Replay),
    /// List what a workflow's agents changed in its workspace; of one file with the differences
    Files(Files),
    /// Take back what a workflow's agents changed in its workspace; files only
    #[command(after_help = help::UNDO)]
    Undo(Undo),
    /// Put two workflows side by side: where they part, what each did and what it took
    Compare(Compare),
    /// List processes
    Ps(Ps),
    /// Show a process with its answer and its messages; or a session, a workflow, a schedule, an actor
    Show {
        /// Id of the process, session, workflow or schedule, or path of the actor
        id: String,
    },
    /// Say why it runs, waits, restarted, was refused or lost, and what can be done; needs no server
    #[command(after_help = help::WHY)]
    Why {
        /// Id of a process, session, agent, subscription, workflow, node or schedule, path of an actor, position or id of a message
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
    /// Take a process for failed whose lost attempt nobody knows the outcome of
    Fail {
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
    /// List, show, register, remove agents, or write to one
    #[command(subcommand, after_help = help::AGENTS)]
    Agents(Agents),
    /// List the tools that models, and nodes of workflows, may call
    Tools,
    /// Search what agents remember, add to it, move it in and out
    Memory(Memory),
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
    /// Show who may do what, check rules, or explain what would come of a call
    #[command(subcommand)]
    Rules(Rules),
    /// List who was allowed or refused what
    Audit(Audit),
    /// Print all that the program of a call has said, where its result has only the beginning and the end
    Output(Output),
    /// Hold a program that somebody wants run; started by servers, never by hand
    #[command(hide = true)]
    Command,
    /// Stay with a program that is spoken to over stdin and stdout; started by servers, never by hand
    #[command(hide = true)]
    Attend {
        /// Whoever attends: the program is become at once, and ends with them
        #[arg(long)]
        held_by: Option<u32>,
        /// The program
        program: String,
        /// Its arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Restrict oneself and become a program; started by `command`, never by hand
    #[command(hide = true)]
    Confine {
        /// What, and how: JSON
        job: Option<String>,
        /// The program's arguments
        #[arg(last = true)]
        arguments: Vec<String>,
        /// Only try whether the kernel gives namespaces
        #[arg(long)]
        probe: bool,
    },
    /// Work on one attempt; started by servers, never by hand
    #[command(hide = true)]
    Shim {
        /// Which attempt, for people who look at the list of processes
        attempt: Option<String>,
    },
}

/// `serve`
#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// Address and port; port 0 takes any free one [default: 127.0.0.1:8000]
    #[arg(long, value_name = "ADDR:PORT")]
    pub listen: Option<SocketAddr>,
    /// When told to stop, stop the attempts in processes of their own, too; by default they go on
    #[arg(long)]
    pub stop_children: bool,
}

impl Serve {
    /// Says in the sources of the settings what was said here.
    pub fn tell(&self, sources: &mut Sources) {
        if let Some(listen) = self.listen {
            sources.flag("--listen", listen.to_string());
        }
    }
}

/// The error does not repeat the text.
fn secret(text: &str) -> Result<Secret, &'static str> {
    if text.bytes().any(|byte| byte.is_ascii_control()) {
        return Err("a token has no line breaks or other control characters in it");
    }
    Ok(Secret::new(text))
}
