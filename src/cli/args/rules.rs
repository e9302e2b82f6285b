//! `rules` and `audit`: who may do what, and who was allowed or refused what.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `rules`
#[derive(Clone, Debug, Subcommand)]
pub enum Rules {
    /// Show the rules in force, and which of them the kernel holds
    Show,
    /// Check a file of rules; needs no server
    Check {
        /// The file
        file: PathBuf,
    },
    /// Print the JSON Schema of rules, for editors
    Schema,
    /// Say what would come of a call
    Explain {
        /// Whose: a profile; or nodes:TYPE, the nodes of workflows of a type
        who: String,
        /// Of which tool
        tool: String,
        /// With what: JSON
        arguments: Option<String>,
        /// In a workflow of this type, and of those it stands below
        #[arg(long, value_name = "TYPE")]
        within: Vec<String>,
    },
}

/// `audit`
#[derive(Clone, Debug, Args)]
pub struct Audit {
    /// Only this profile's, or `nodes`
    #[arg(long)]
    pub actor: Option<String>,
    /// Only in this workflow
    #[arg(long, value_name = "ID")]
    pub workflow: Option<String>,
    /// Only calls of this tool
    #[arg(long)]
    pub tool: Option<String>,
    /// Only what was refused
    #[arg(long)]
    pub refused: bool,
    /// Only by this rule, or those below it
    #[arg(long)]
    pub rule: Option<String>,
    /// How many at most [default: 50]
    #[arg(long)]
    pub limit: Option<u64>,
}

/// `output`
#[derive(Clone, Debug, Args)]
pub struct Output {
    /// The call, as the audit and the result name it
    pub call: String,
    /// What it complained of, in place of what it said
    #[arg(long)]
    pub stderr: bool,
}
