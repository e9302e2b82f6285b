//! What a person is asked where a limit is reached, and what may be answered.

use super::fact::Grant;
use crate::graph::Limits;
use crate::nodes::BoundId;
use crate::workflows::item::ItemId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Who asks a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asker {
    /// A node's item.
    Item(ItemId),
    /// A limit that is reached.
    Limit(LimitId),
}

/// Names a limit that is asked about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitId {
    /// Whose.
    pub bound: BoundId,
    /// What waits for the answer.
    pub asks: Asks,
}

/// What waits for the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asks {
    /// Reservations.
    Reservations,
    /// The run, before its next step.
    Steps,
    /// The run, after its time.
    Seconds,
}

impl Asker {
    /// The item that asks, if one does.
    pub fn item(&self) -> Option<&ItemId> {
        match self {
            Self::Item(item) => Some(item),
            Self::Limit(_) => None,
        }
    }

    /// The limit that is asked about, if one is.
    pub fn limit(&self) -> Option<&LimitId> {
        match self {
            Self::Limit(limit) => Some(limit),
            Self::Item(_) => None,
        }
    }
}

/// What a person says.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub(super) enum Said {
    Grant { grant: Grant },
    Stop { stop: bool },
}

/// What may be granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grantable {
    /// What models take.
    Spending,
    /// Time of a node.
    Time,
    /// Steps and time of a run.
    Pace,
}

/// What the answer has to look like: a grant of what is limited, or `stop`.
pub(super) fn schema(limits: &Limits, grantable: Grantable) -> Value {
    let limits = &of(limits, grantable);
    let number = json!({ "type": "number", "exclusiveMinimum": 0, "maximum": 1e12 });
    let count = json!({ "type": "integer", "minimum": 1, "maximum": 1_000_000_000_000_u64 });
    let limited: Map<String, Value> = limited(limits)
        .into_iter()
        .map(|(name, _)| (name.to_owned(), if name == "usd" { &number } else { &count }.clone()))
        .collect();
    let example: Map<String, Value> =
        self::limited(limits).into_iter().map(|(name, limit)| (name.to_owned(), limit)).collect();
    let grant = json!({
        "type": "object", "minProperties": 1, "additionalProperties": false, "properties": limited,
    });
    json!({
        "type": "object",
        "properties": { "grant": grant, "stop": { "const": true } },
        "additionalProperties": false,
        "minProperties": 1,
        "maxProperties": 1,
        "examples": [{ "grant": example }, { "stop": true }],
    })
}

fn of(limits: &Limits, grantable: Grantable) -> Limits {
    let Limits { steps, seconds, usd, tokens, turns, at_limit: _ } = *limits;
    match grantable {
        Grantable::Spending => Limits { usd, tokens, turns, ..Limits::default() },
        Grantable::Time => Limits { seconds, ..Limits::default() },
        Grantable::Pace => Limits { steps, seconds, ..Limits::default() },
    }
}

/// What is limited, and how.
fn limited(limits: &Limits) -> Vec<(&'static str, Value)> {
    let Limits { steps, seconds, usd, tokens, turns, at_limit: _ } = limits;
    let all = [
        ("usd", usd.map(|usd| json!(usd))),
        ("tokens", tokens.map(|tokens| json!(tokens))),
        ("turns", turns.map(|turns| json!(turns))),
        ("seconds", seconds.map(|seconds| json!(seconds))),
        ("steps", steps.map(|steps| json!(steps))),
    ];
    all.into_iter().filter_map(|(name, limit)| Some((name, limit?))).collect()
}
