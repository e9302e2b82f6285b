//! `workflows`: graphs as data.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::help;

/// `workflows`
#[derive(Clone, Debug, Subcommand)]
#[command(after_help = help::WORKFLOWS)]
pub enum Workflows {
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
