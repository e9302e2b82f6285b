//! How a program is spoken to and how what it says is read, as data: operators write it in the settings, and who
//! runs the program goes by it. It stands below both of them, so that neither has to know the other.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

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
pub enum Answer {
    /// `"stdout"`: all of it; `"last_line"`: the last line that is not empty; `"/a/b"`: a JSON pointer into the last
    /// line that is JSON.
    Plain(String),
    /// In lines of JSON that are chosen.
    Select(Select),
}

impl Default for Answer {
    fn default() -> Self {
        Self::Plain("stdout".into())
    }
}

/// Chooses lines of JSON, and of each a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Select {
    /// Values that a line has to have, by JSON pointer. Default none: every line.
    #[serde(default, rename = "where")]
    pub conditions: BTreeMap<String, String>,
    /// The value, by JSON pointer.
    pub pointer: String,
    /// Which of the lines count, where there are many. Default `last`.
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
#[serde(default, deny_unknown_fields)]
pub struct Usage {
    /// Tokens that went in.
    pub tokens_in: Option<Select>,
    /// Tokens that came out.
    pub tokens_out: Option<Select>,
    /// US dollars.
    pub cost_usd: Option<Select>,
}

/// Which failures another attempt may mend.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retry {
    /// Exit codes that no retry can mend; all others are tried again. Default none.
    pub final_codes: Vec<i32>,
    /// Words in an error by which no retry can mend it. Default none.
    pub final_words: Vec<String>,
}
