//! [`Scope`]: what expressions and templates see.

use serde_json::{Map, Value};

/// What expressions and templates see.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// What this run was started with.
    pub input: &'a Value,
    /// The channels, as they were when the step began.
    pub state: &'a Map<String, Value>,
    /// The workflow's id.
    pub workflow: &'a str,
    /// Which run, from 1.
    pub run: u32,
    /// Which step of the workflow, from 1.
    pub step: u32,
    /// In a `for_each`: which item.
    pub item: Option<(usize, &'a Value)>,
    /// Behind a node that failed, and in a node that undoes another: `{node, error}`.
    pub error: Option<&'a Value>,
    /// In a node that undoes another: what that one gave.
    pub output: Option<&'a Value>,
}

/// Why something could not be computed: what of the definition, and what was wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct Trouble {
    /// Where, as a path into the definition: `nodes.judge.agent.prompt`.
    pub place: String,
    /// What, in words.
    pub what: String,
}
