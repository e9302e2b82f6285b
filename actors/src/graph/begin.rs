//! [`begin`]: from an input to the first frontier.

use super::definition::Definition;
use super::reducer::kind;
use super::schema::check_value;
use super::scope::Trouble;
use super::step::{Entry, Frontier, Write};
use serde_json::{Map, Value};

/// How a run begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Begun {
    /// What it is started with, with what the schema gives by default.
    pub input: Value,
    /// What of it is written to channels, for [`reduce`](super::reduce).
    pub writes: Vec<Write>,
    /// The nodes of its first step.
    pub frontier: Frontier,
}

/// Begins a run: fills in the `default`s of the input's schema, and looks whether the input is what it describes. No
/// input (`null`) is an empty one. Properties named like channels are written to them.
pub fn begin(definition: &Definition, input: &Value) -> Result<Begun, Trouble> {
    let trouble = |what| Trouble { place: "input".into(), what };
    let mut members = match input {
        Value::Object(members) => members.clone(),
        Value::Null => Map::new(),
        other => return Err(trouble(format!("it has to be an object, and is {}", kind(other)))),
    };
    fill(&definition.input, &mut members);
    let input = Value::Object(members);
    if !definition.input.is_empty() {
        let schema = Value::Object(definition.input.clone());
        check_value(&schema, &input).map_err(trouble)?;
    }
    Ok(Begun { writes: writes(definition, &input), frontier: frontier(definition), input })
}

fn fill(schema: &Map<String, Value>, members: &mut Map<String, Value>) {
    let Some(Value::Object(properties)) = schema.get("properties") else { return };
    for (name, schema) in properties {
        let Value::Object(schema) = schema else { continue };
        if let (None, Some(default)) = (members.get(name), schema.get("default")) {
            members.insert(name.clone(), default.clone());
        }
        if let Some(Value::Object(inner)) = members.get_mut(name) {
            fill(schema, inner);
        }
    }
}

fn writes(definition: &Definition, input: &Value) -> Vec<Write> {
    let members = input.as_object().into_iter().flatten();
    let known = members.filter(|(name, _)| definition.state.contains_key(*name));
    known.map(|(name, value)| Write { channel: name.clone(), value: value.clone() }).collect()
}

fn frontier(definition: &Definition) -> Frontier {
    let entries = definition.start.names().iter().map(|name| (name.clone(), Entry::default()));
    Frontier { entries: entries.collect(), ..Frontier::default() }
}
