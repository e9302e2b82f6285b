//! [`Step`]: what a step's finished nodes come to.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// How a node of the frontier finished.
#[derive(Debug, Clone, PartialEq)]
pub enum Finished {
    /// With this.
    Output(Value),
    /// With one for each of its items, in their order: the item, and what came of it.
    Outputs(Vec<(Value, Value)>),
    /// In vain: for good, and a node that follows on errors takes over; what of it failed, at least one.
    Failed(Vec<Failed>),
}

/// What of a node failed.
#[derive(Debug, Clone, PartialEq)]
pub struct Failed {
    /// Which element of its list; `None`: it has none.
    pub index: Option<u32>,
    /// Why.
    pub error: Value,
}

/// What a step comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What is written, in the nodes' order.
    pub writes: Vec<Write>,
    /// The channels after them.
    pub state: Map<String, Value>,
    /// What comes next; with no entries the run has come to its end.
    pub next: Frontier,
}

/// Something written to a channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Write {
    /// Which channel.
    pub channel: String,
    /// What its reducer gets.
    pub value: Value,
}

/// As it is stored; nothing is copied.
impl From<Write> for Value {
    fn from(Write { channel, value }: Write) -> Self {
        let members = [("channel".to_owned(), channel.into()), ("value".to_owned(), value)];
        Self::Object(members.into_iter().collect())
    }
}

/// Where a run stands in its graph.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Frontier {
    /// The nodes that run in this step, by name.
    pub entries: BTreeMap<String, Entry>,
    /// Joins that have not seen all of their sources: by the place in the definition of the first edge with these
    /// sources, who has come.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub joins: BTreeMap<usize, BTreeSet<String>>,
}

/// How a node came to be in the frontier.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Entry {
    /// Behind nodes that failed: `{node, error}` of the first, and all of them as `failures`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Value>,
}
