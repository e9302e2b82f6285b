//! `run` and `workflows`: graphs, from the command line.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::help;
use super::spawn::Parameter;

/// `run`
#[derive(Clone, Debug, Args)]
#[command(after_help = help::RUN)]
pub struct Run {
    /// Which definition, and what the run is given: `debate topic="tea"`
    #[arg(value_name = "DEFINITION] [NAME=VALUE")]
    pub words: Vec<String>,
    /// Id of the workflow; one that exists gets another run, on the state that it has
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
    /// By which runtime its agents' models are asked, where nothing else is said
    #[arg(long, value_name = "NAME")]
    pub runtime: Option<String>,
    /// How far the run may go: steps, seconds, usd, tokens or turns; `at_limit=ask` asks for more; may be repeated
    #[arg(long = "limit", value_name = "NAME=NUMBER")]
    pub limits: Vec<Parameter>,
    /// What happens to a run that is under way
    #[arg(long, value_name = "HOW")]
    pub on_running: Option<OnRunning>,
    /// Higher ones are taken first
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub priority: Option<i32>,
    /// The same key again gives the same workflow instead of a second one
    #[arg(long, value_name = "KEY")]
    pub idempotency_key: Option<String>,
    /// Print the workflow's id and do not wait for its end; needs a running server
    #[arg(long)]
    pub detach: bool,
}

/// What happens to a run that is under way when another is to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OnRunning {
    /// It goes on; the other is refused
    Reject,
    /// It goes on; the other waits for its end
    Enqueue,
    /// It ends where it stands; the other begins there
    Interrupt,
    /// It is as if it had never been
    Rollback,
}

/// `workflows`
#[derive(Clone, Debug, Args)]
#[command(args_conflicts_with_subcommands = true, after_help = help::WORKFLOWS)]
pub struct Workflows {
    /// What is done; without it they are listed
    #[command(subcommand)]
    pub command: Option<WorkflowsCommand>,
    /// Which are listed
    #[command(flatten)]
    pub list: ListWorkflows,
}

/// Which workflows are listed.
#[derive(Clone, Debug, Args)]
pub struct ListWorkflows {
    /// Only those of this definition
    #[arg(long = "type", value_name = "NAME")]
    pub definition: Option<String>,
    /// Only those in this status: running, interrupted (also where a subgraph asks), undoing, paused, cancelling, completed, failed or cancelled
    #[arg(long)]
    pub status: Option<String>,
    /// Only those that were given this; may be repeated
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub params: Vec<Parameter>,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: u32,
}

/// What can be done with workflows.
#[derive(Clone, Debug, Subcommand)]
pub enum WorkflowsCommand {
    /// Show where one stands: its nodes, open questions, state and cost
    Show {
        /// Id of the workflow
        id: String,
    },
    /// Show its steps, each with what its nodes took and what was written
    History {
        /// Id of the workflow
        id: String,
    },
    /// Answer a question that it, or one of its subgraphs, asks
    Answer {
        /// Id of the workflow
        id: String,
        /// The answer, JSON or text; before it the question's id, where more than one is open
        #[arg(value_name = "INTERRUPT] [VALUE", num_args = 1..=2, required = true)]
        words: Vec<String>,
    },
    /// Begin nothing new; what is under way ends
    Pause {
        /// Id of the workflow
        id: String,
    },
    /// Go on after a pause, or from a checkpoint
    Resume {
        /// Id of the workflow
        id: String,
        /// From which checkpoint
        #[arg(long, value_name = "N")]
        checkpoint: Option<u32>,
    },
    /// Stop for good
    Cancel {
        /// Id of the workflow
        id: String,
        /// Undo what its run did
        #[arg(long)]
        undo: bool,
    },
    /// Try again what has failed, or do a step and all that follows anew
    Retry {
        /// Id of the workflow
        id: String,
        /// From which step on
        #[arg(long, value_name = "N")]
        step: Option<u32>,
        /// Undo first what was done from that step on
        #[arg(long, requires = "step")]
        undo: bool,
    },
    /// Undo what was done since a checkpoint, and stay there until resumed
    Rollback {
        /// Id of the workflow
        id: String,
        /// To which checkpoint
        #[arg(long, value_name = "N")]
        checkpoint: u32,
    },
    /// Draw its graph, with where each node stands
    Graph {
        /// Id of the workflow
        id: String,
        /// As what
        #[arg(long, default_value = "mermaid")]
        format: GraphFormat,
    },
    /// List the definitions that workflows can be started from
    Definitions,
    /// Register the definitions in these files: from now on they hold before files of the same name
    Register {
        /// Files to register, each under the name that it says
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Take a registered definition back: what the file of its name says holds again
    Unregister {
        /// Name of the definition
        name: String,
    },
    /// Check definitions: every problem with file, line, column and a hint; needs no server
    Check(CheckWorkflows),
    /// Print the JSON Schema of definitions, for editors
    Schema,
}

/// `workflows check`
#[derive(Clone, Debug, Args)]
pub struct CheckWorkflows {
    /// Files to check; subgraphs are looked for in them and beside them
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
}

/// How a graph is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    /// For documents and browsers
    Mermaid,
    /// For Graphviz
    Dot,
    /// For programs
    Json,
}
