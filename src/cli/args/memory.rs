//! `memory`: what agents remember, from the command line.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::help;

/// `memory`
#[derive(Clone, Debug, Args)]
#[command(after_help = help::MEMORY)]
pub struct Memory {
    /// The memory of this workspace, instead of the home's
    #[arg(long, global = true, value_name = "DIR")]
    pub workspace: Option<PathBuf>,
    /// What to do
    #[command(subcommand)]
    pub command: MemoryCommand,
}

/// What can be done with a memory.
#[derive(Clone, Debug, Subcommand)]
pub enum MemoryCommand {
    /// Find what is remembered, the best first
    Search(SearchMemory),
    /// Remember a text
    Store(StoreMemory),
    /// Write all items as JSON lines (*.jsonl), or those with vectors as a FAISS index with their items beside it
    Export {
        /// The file
        file: PathBuf,
    },
    /// Take in what `export` wrote; may be repeated
    Import {
        /// The file
        file: PathBuf,
    },
    /// Take over the memory of a KI `AutoAgent` workspace (its folder `.ki_autoagent_ws`); may be repeated
    ImportOld {
        /// The folder
        folder: PathBuf,
        /// The model that embedded it
        #[arg(long, value_name = "MODEL", default_value = "text-embedding-3-small")]
        model: String,
    },
}

/// `memory search`
#[derive(Clone, Debug, Args)]
pub struct SearchMemory {
    /// What is looked for, in words
    pub query: String,
    /// How many at most
    #[arg(short, default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=50))]
    pub k: u8,
    /// Only items of this type
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: Option<String>,
    /// Only items with this tag; may be said more than once
    #[arg(long = "tag", value_name = "TAG")]
    pub tags: Vec<String>,
}

/// `memory store`
#[derive(Clone, Debug, Args)]
pub struct StoreMemory {
    /// The text; `-` reads it from stdin
    #[arg(allow_hyphen_values = true)]
    pub text: String,
    /// What sort of thing it is, as in research, design, review
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: Option<String>,
    /// A tag; may be said more than once
    #[arg(long = "tag", value_name = "TAG")]
    pub tags: Vec<String>,
    /// Its name; another text under the same name takes its place [default: made of the text]
    #[arg(long)]
    pub id: Option<String>,
}
