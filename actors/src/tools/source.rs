//! [`Source`]: where tools come from that are not the program's own, and whether it is to be reached.

use serde::Serialize;
use std::collections::BTreeMap;

/// Where tools come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// Its name: its tools are called `NAME__tool`.
    pub name: String,
    /// Whether it can be asked now.
    pub is_up: bool,
    /// Whether it has said which tools it has. What it said before it went down holds on.
    pub is_listed: bool,
    /// How it stands, in words; why, if it is not up.
    pub state: String,
    /// How many tools it has.
    pub tools: usize,
    /// Tools that are left out, and why.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub left_out: BTreeMap<String, String>,
}

impl Source {
    /// What stands between its name and a tool's own.
    pub const BETWEEN: &'static str = "__";

    /// Whether a tool of this name would be one of its.
    pub fn would_have(&self, tool: &str) -> bool {
        tool.strip_prefix(self.name.as_str()).is_some_and(|rest| rest.starts_with(Self::BETWEEN))
    }
}
