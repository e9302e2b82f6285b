//! `spawn`: a prompt, or a template with its parameters, and how it is to run.

use std::num::NonZeroU64;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use super::help;

/// `spawn`
#[derive(Clone, Debug, Args)]
#[command(after_help = help::SPAWN)]
pub struct Spawn {
    /// What to ask; `-` reads it from stdin
    #[arg(required_unless_present = "template", conflicts_with = "template")]
    pub prompt: Option<String>,
    /// Standing instructions, in place of those of the agent's profile; empty: none
    #[arg(long, value_name = "TEXT")]
    pub system: Option<String>,
    /// Where to run it [default: from the settings]
    #[arg(long, value_name = "NAME")]
    pub runtime: Option<String>,
    /// Which model to ask [default: from the settings]
    #[arg(long)]
    pub model: Option<String>,
    /// Session to go on with
    #[arg(long, value_name = "ID")]
    pub session: Option<String>,
    /// Agent to run it as
    #[arg(long, value_name = "ID")]
    pub agent: Option<String>,
    /// Folder for a program to work in [default: that of its runtime]
    #[arg(long, value_name = "FOLDER", value_parser = absolute)]
    pub workdir: Option<PathBuf>,
    /// The longest an attempt may take [default: from the settings]
    #[arg(long, value_name = "SECONDS")]
    pub timeout: Option<NonZeroU64>,
    /// Retries after a failed first attempt [default: from the settings]
    #[arg(long, value_name = "N")]
    pub max_retries: Option<u32>,
    /// Higher ones are taken first
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub priority: Option<i32>,
    /// Template to fill in instead of a prompt
    #[arg(long, value_name = "NAME")]
    pub template: Option<String>,
    /// Parameter of the template; may be repeated
    #[arg(
        long = "param",
        value_name = "NAME=VALUE",
        requires = "template",
        conflicts_with = "prompt"
    )]
    pub params: Vec<Parameter>,
    /// The same key again gives the same process instead of a second one
    #[arg(long, value_name = "KEY")]
    pub idempotency_key: Option<String>,
    /// Print the process's id and do not wait for its end; needs a running server
    #[arg(long)]
    pub detach: bool,
}

impl Spawn {
    /// Whether the prompt is to be read from stdin.
    pub fn reads_stdin(&self) -> bool {
        self.prompt.as_deref() == Some("-")
    }
}

/// As the server has to know it, which works elsewhere.
fn absolute(text: &str) -> Result<PathBuf, String> {
    std::path::absolute(text).map_err(|error| error.to_string())
}

/// A parameter of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Its name in the template.
    pub name: String,
    /// What stands in its place; it may hold further `=`.
    pub value: String,
}

impl FromStr for Parameter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => {
                Ok(Self { name: name.to_owned(), value: value.to_owned() })
            }
            _ => Err("write NAME=VALUE".to_owned()),
        }
    }
}
