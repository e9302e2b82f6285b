//! [`CliSpec`]: a program as a template, as data. Its names are those of the settings.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A program as a template.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CliSpec {
    /// A name that is looked for on the `PATH`, or a path.
    pub command: String,
    /// Templates; one that renders to nothing is left out.
    pub args: Vec<String>,
    /// What it reads.
    pub stdin: Stdin,
    /// The folder it works in.
    pub cwd: Option<PathBuf>,
    /// All of its environment. May hold secrets.
    pub environment: BTreeMap<String, String>,
    /// Where its answer is.
    pub answer: AnswerRule,
    /// Where it says what that took.
    pub usage: UsageRule,
    /// Where it gives its own name of the conversation.
    pub session: Option<Select>,
    /// Where it says what went wrong.
    pub error: Option<Select>,
    /// Which failures another attempt may mend.
    pub retry: RetryRule,
    /// What to say where the program is missing.
    pub install: Option<String>,
}

impl std::fmt::Debug for CliSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CliSpec").field("command", &self.command).finish_non_exhaustive()
    }
}

/// What a program reads on its stdin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stdin {
    /// The prompt.
    #[default]
    Prompt,
    /// Nothing.
    None,
}

/// Where an answer is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AnswerRule {
    /// `stdout`, `last_line`, or a JSON pointer into the last line that is JSON.
    Plain(String),
    /// In chosen lines of JSON.
    Select(Select),
}

impl Default for AnswerRule {
    fn default() -> Self {
        Self::Plain("stdout".into())
    }
}

/// Chooses lines of JSON, and of each a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Select {
    /// Values that a line has to have, by JSON pointer.
    #[serde(default, rename = "where")]
    pub conditions: BTreeMap<String, String>,
    /// The value, by JSON pointer.
    pub pointer: String,
    /// Which of the lines count.
    #[serde(default)]
    pub take: Take,
}

/// Which of the lines count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Take {
    /// The last.
    #[default]
    Last,
    /// All, one after the other.
    All,
}

/// Where a program says what an answer took; the numbers of all chosen lines are added.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UsageRule {
    /// Tokens that went in.
    pub tokens_in: Option<Select>,
    /// Tokens that came out.
    pub tokens_out: Option<Select>,
    /// US dollars.
    pub cost_usd: Option<Select>,
}

/// Which failures another attempt may mend.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RetryRule {
    /// Exit codes that no retry can mend.
    pub final_codes: Vec<i32>,
    /// Words in an error by which no retry can mend it.
    pub final_words: Vec<String>,
}
