//! `fork`, `replay`, `compare`: workflows and their past.

use std::path::PathBuf;

use clap::Args;

use super::help;
use super::spawn::Parameter;

/// `fork`
#[derive(Clone, Debug, Args)]
#[command(after_help = help::FORK)]
pub struct Fork {
    /// Id of the workflow
    pub workflow: String,
    /// Where it begins [default: the newest checkpoint]
    #[arg(long, value_name = "N")]
    pub checkpoint: Option<u32>,
    /// What a channel holds, in place of what it held: JSON, or else text; may be repeated
    #[arg(long = "set", value_name = "CHANNEL=JSON")]
    pub state: Vec<Parameter>,
    /// Which model all its agents ask, whatever nodes and profiles say
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// By which runtime they ask
    #[arg(long, value_name = "NAME")]
    pub runtime: Option<String>,
    /// The nodes that run next, in place of those that would
    #[arg(long, value_name = "NODE,…", value_delimiter = ',')]
    pub next: Vec<String>,
    /// Folder for its files, where its source has a workspace [default: one of its own in the home]
    #[arg(long, value_name = "FOLDER")]
    pub workspace: Option<PathBuf>,
    /// How far its runs may go: steps, seconds, usd, tokens or turns; may be repeated
    #[arg(long = "limit", value_name = "NAME=NUMBER")]
    pub limits: Vec<Parameter>,
    /// How the fork is called and attended
    #[command(flatten)]
    pub manner: Attended,
}

/// `replay`
#[derive(Clone, Debug, Args)]
pub struct Replay {
    /// Id of the workflow
    pub workflow: String,
    /// Where it begins [default: the very beginning]
    #[arg(long, value_name = "N")]
    pub checkpoint: Option<u32>,
    /// How the replay is called and attended
    #[command(flatten)]
    pub manner: Attended,
}

/// How what is made of a workflow is called and attended.
#[derive(Clone, Debug, Args)]
pub struct Attended {
    /// Id of the new workflow [default: a new one]
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
    /// The same key again gives the same workflow instead of a second one
    #[arg(long, value_name = "KEY")]
    pub idempotency_key: Option<String>,
    /// Print the new workflow's id and do not wait for its end; needs a running server
    #[arg(long)]
    pub detach: bool,
}

/// `files`
#[derive(Clone, Debug, Args)]
pub struct Files {
    /// Id of the workflow
    pub workflow: String,
    /// Only what was changed in this file, as a diff
    pub path: Option<String>,
}

/// `undo`
#[derive(Clone, Debug, Args)]
pub struct Undo {
    /// Id of the workflow
    pub workflow: String,
    /// Only what was changed after this step [default: all of it]
    #[arg(long, value_name = "N")]
    pub to_step: Option<u32>,
    /// Only what was changed after this change, as `files` numbers them; one before an undo undoes the undo
    #[arg(long, value_name = "N", conflicts_with = "to_step")]
    pub to_change: Option<u32>,
    /// Also files that somebody else has changed since: what they made of them is kept on the record
    #[arg(long)]
    pub force: bool,
}

/// `compare`
#[derive(Clone, Debug, Args)]
pub struct Compare {
    /// Id of a workflow
    pub a: String,
    /// Id of another
    pub b: String,
}
