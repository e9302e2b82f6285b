//! `chat`, from the command line.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::help;
use super::spawn::Parameter;

/// `chat`
#[derive(Clone, Debug, Args)]
#[command(args_conflicts_with_subcommands = true, after_help = help::CHAT)]
pub struct Chat {
    /// What else can be done.
    #[command(subcommand)]
    pub command: Option<ChatCommand>,
    /// Which definition a new thread is begun from [default: autoagent]
    #[arg(value_name = "WORKFLOW")]
    pub workflow: Option<String>,
    /// Folder in which its agents work, of a new thread [default: the current one]
    #[arg(long, value_name = "DIR")]
    pub workspace: Option<PathBuf>,
    /// Id of the workflow that is talked with; without it a new one
    #[arg(long, value_name = "ID")]
    pub thread: Option<String>,
    /// What its runs are given beside what is said; may be repeated
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub params: Vec<Parameter>,
}

/// What else can be done.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum ChatCommand {
    /// Print the JSON Schema of what goes over /ws/chat, for whoever writes a client
    Schema,
}
