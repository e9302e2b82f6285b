//! [`Tool`]: what a tool is, as data: what a model is told of it, and what follows a crash.

use super::permission::Permission;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What is known of a tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// By this it is called: letters, digits, `_` and `-`, at most 64.
    pub name: String,
    /// What it does, and when to use it: for the model.
    pub description: String,
    /// What its arguments have to look like: a JSON Schema of an object.
    pub parameters: Value,
    /// What its caller has to be allowed.
    #[serde(default)]
    pub needs: Permission,
    /// What follows a call whose result was lost.
    #[serde(default)]
    pub repeat: Repeat,
    /// How long a call may take, in seconds.
    #[serde(default = "Tool::usual_timeout_s")]
    pub timeout_s: u32,
}

/// What follows a call that was begun and whose result was lost: what it does may have been done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// It is made again, with the same id: that does no harm.
    Safe,
    /// It is not: an operator decides.
    #[default]
    Ask,
}

impl Tool {
    /// How long a call may take, in seconds, where its tool says nothing else.
    pub const fn usual_timeout_s() -> u32 {
        60
    }
}
