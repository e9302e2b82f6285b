//! [`Definition`]: a graph as it is written down.

use super::node::Node;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A graph: nodes, the edges between them, and the channels that they write.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Its name, by which workflows are started.
    pub name: String,
    /// What it is for, in a sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What it is started with: a JSON Schema of an object. A property named like a channel is written to it.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub input: Map<String, Value>,
    /// Its state, by channel.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub state: BTreeMap<String, Channel>,
    /// What a finished run answers, each an expression over the state; empty: the whole state.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub output: Map<String, Value>,
    /// The folder in which its agents read and write files: a template over the input. Without one that of the workflow
    /// whose subgraph it is, or none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// How far a run may go.
    #[serde(default)]
    pub limits: Limits,
    /// How many nodes, or items of one node, are at work at once.
    #[serde(default = "Definition::concurrency")]
    pub concurrency: usize,
    /// Where a run begins.
    pub start: OneOrMany,
    /// Its nodes, by name.
    pub nodes: BTreeMap<String, Node>,
    /// Which node follows which. A node without one ends its branch.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edges: Vec<Edge>,
}

impl Definition {
    /// The target of an edge that ends its branch.
    pub const END: &'static str = "end";

    fn concurrency() -> usize {
        16
    }
}

/// One place of the state.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Channel {
    /// How what is written meets what is there.
    #[serde(default)]
    pub reducer: Reducer,
    /// What it holds at first; else nothing, an empty list, an empty object or 0, as its reducer wants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Value>,
    /// What it may hold: a JSON Schema of the channel's whole value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Value>,
}

/// How what is written to a channel meets what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reducer {
    /// The last one counts.
    #[default]
    Replace,
    /// A list grows: by the elements of a list, or by one value.
    Append,
    /// An object gets the written object's members.
    Merge,
    /// Numbers are added up.
    Sum,
    /// The greatest number stays.
    Max,
    /// A list of messages grows; one with the `id` of a message that is there takes its place.
    Messages,
}

/// How far a run may go.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// So many steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<u32>,
    /// So many seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u32>,
    /// So many US dollars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usd: Option<f64>,
    /// So many tokens, in and out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
    /// So many turns of models.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turns: Option<u32>,
    /// What happens where one of them is reached: it ends (`stop`), or a person is asked for more (`ask`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_limit: Option<AtLimit>,
}

impl Limits {
    /// Whether any of them is about what models take.
    pub fn bounds_spending(&self) -> bool {
        self.usd.is_some() || self.tokens.is_some() || self.turns.is_some()
    }

    /// The names of those that let nothing through.
    pub fn zeros(&self) -> impl Iterator<Item = &'static str> {
        let all = [
            ("steps", self.steps == Some(0)),
            ("seconds", self.seconds == Some(0)),
            ("usd", self.usd.is_some_and(|usd| usd <= 0.0 || !usd.is_finite())),
            ("tokens", self.tokens == Some(0)),
            ("turns", self.turns == Some(0)),
        ];
        all.into_iter().filter(|(_, is_zero)| *is_zero).map(|(name, _)| name)
    }

    /// Whether a person is asked for more.
    pub fn asks(&self) -> bool {
        self.at_limit == Some(AtLimit::Ask)
    }
}

/// What happens where a limit is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AtLimit {
    /// What is in the way of it fails.
    Stop,
    /// A person is asked for more.
    Ask,
}

/// An arrow from one node, or several, to another, or several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Edge {
    /// Where it comes from. A list is a join: its targets wait until all of them have finished.
    pub from: OneOrMany,
    /// Where it goes to; `end` ends the branch.
    pub to: OneOrMany,
    /// An expression over the state: followed where it is true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Followed where no edge with a `when` of the same source is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub otherwise: bool,
}

/// One name, or a list of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Many.
    Many(Vec<String>),
}

impl OneOrMany {
    /// All of them, in order.
    pub fn names(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Many(names) => names,
        }
    }
}
