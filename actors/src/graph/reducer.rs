//! What each [`Reducer`] does.

use super::definition::Reducer;
use serde_json::{Map, Number, Value};
use std::cmp::Ordering;

impl Reducer {
    /// What a channel holds before anything is written to it.
    pub(super) fn empty(self) -> Value {
        match self {
            Self::Replace | Self::Max => Value::Null,
            Self::Append | Self::Messages => Value::Array(Vec::new()),
            Self::Merge => Value::Object(Map::new()),
            Self::Sum => Value::from(0),
        }
    }

    /// What can be written to a channel that holds this without a change to it.
    pub(super) fn neutral(self, held: &Value) -> Value {
        match self {
            Self::Replace => held.clone(),
            Self::Append | Self::Messages => Value::Array(Vec::new()),
            Self::Merge => Value::Object(Map::new()),
            Self::Sum | Self::Max => Value::from(0),
        }
    }

    /// What a channel has to hold, where this is not it.
    pub(super) fn misfit(self, value: &Value) -> Option<&'static str> {
        match (self, value) {
            (Self::Messages, Value::Array(all)) if all.iter().all(Value::is_object) => None,
            (Self::Append, Value::Array(_))
            | (Self::Replace, _)
            | (Self::Merge, Value::Object(_))
            | (Self::Sum | Self::Max, Value::Number(_))
            | (Self::Max, Value::Null) => None,
            (Self::Append, _) => Some("a list"),
            (Self::Messages, _) => Some("a list of messages (objects)"),
            (Self::Merge, _) => Some("an object"),
            (Self::Sum | Self::Max, _) => Some("a number"),
        }
    }

    /// Brings what is written to what is held. The error says what does not fit, and nothing is changed.
    pub(super) fn write(self, held: &mut Value, written: &Value) -> Result<(), String> {
        match self {
            Self::Replace => written.clone_into(held),
            Self::Append => append(list(held)?, written),
            Self::Merge => merge(held, written)?,
            Self::Sum => *held = Value::Number(sum(number(held)?, number(written)?)?),
            Self::Max => *held = max(held, written)?,
            Self::Messages => messages(list(held)?, written)?,
        }
        Ok(())
    }
}

fn append(held: &mut Vec<Value>, written: &Value) {
    match written {
        Value::Array(elements) => held.extend_from_slice(elements),
        one => held.push(one.clone()),
    }
}

fn merge(held: &mut Value, written: &Value) -> Result<(), String> {
    let Value::Object(members) = written else { return Err(unfit("an object", written)) };
    let Value::Object(held) = held else { return Err(holds("an object", held)) };
    held.extend(members.iter().map(|(name, value)| (name.clone(), value.clone())));
    Ok(())
}

/// Whole numbers stay whole numbers.
fn sum(left: &Number, right: &Number) -> Result<Number, String> {
    let too_large = || format!("the sum of {left} and {right} is too large");
    if let (Some(left), Some(right)) = (left.as_i128(), right.as_i128()) {
        return Number::from_i128(left + right).ok_or_else(too_large);
    }
    let floats = left.as_f64().zip(right.as_f64());
    floats.and_then(|(left, right)| Number::from_f64(left + right)).ok_or_else(too_large)
}

fn max(held: &Value, written: &Value) -> Result<Value, String> {
    let new = number(written)?;
    if held.is_null() {
        return Ok(written.clone());
    }
    let order = compare(number(held)?, new);
    Ok(if order == Ordering::Less { written.clone() } else { held.clone() })
}

fn compare(left: &Number, right: &Number) -> Ordering {
    if let (Some(left), Some(right)) = (left.as_i128(), right.as_i128()) {
        return left.cmp(&right);
    }
    let floats = left.as_f64().zip(right.as_f64());
    floats.and_then(|(left, right)| left.partial_cmp(&right)).unwrap_or(Ordering::Equal)
}

fn messages(held: &mut Vec<Value>, written: &Value) -> Result<(), String> {
    let new = match written {
        Value::Array(messages) => messages.as_slice(),
        one => std::slice::from_ref(one),
    };
    if let Some(wrong) = new.iter().find(|message| !message.is_object()) {
        return Err(unfit("messages (objects)", wrong));
    }
    for message in new {
        let id = message.get("id").filter(|id| !id.is_null());
        match held.iter_mut().find(|old| id.is_some() && old.get("id") == id) {
            Some(old) => message.clone_into(old),
            None => held.push(message.clone()),
        }
    }
    Ok(())
}

fn list(held: &mut Value) -> Result<&mut Vec<Value>, String> {
    match held {
        Value::Array(list) => Ok(list),
        other => Err(holds("a list", other)),
    }
}

fn number(value: &Value) -> Result<&Number, String> {
    match value {
        Value::Number(number) => Ok(number),
        other => Err(unfit("a number", other)),
    }
}

fn unfit(wanted: &str, written: &Value) -> String {
    format!("it takes {wanted}, and not {}", kind(written))
}

fn holds(wanted: &str, held: &Value) -> String {
    format!("it has to hold {wanted}, and holds {}", kind(held))
}

/// A value's type, in words.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
