//! [`structured`]: the JSON in a model's answer. Models wrap it in fences and in politeness; what counts is a part of
//! the answer that the schema describes.

use super::schema::check_value;
use crate::vocabulary::is_too_deep;
use serde_json::{Deserializer, Value};

/// So many places of a text are tried as the begin of JSON.
const TRIED: usize = 64;

/// The value in a model's answer: the whole of it, a fenced block, or the first part that is what the schema
/// describes. The error is for the model: what is wrong, by JSON pointer, and what to send.
pub fn structured(schema: &Value, text: &str) -> Result<Value, String> {
    let mut first = None;
    for value in candidates(text) {
        match check_value(schema, &value) {
            Ok(()) => return Ok(value),
            Err(error) => {
                let pruned = without_nulls(value);
                if check_value(schema, &pruned).is_ok() {
                    return Ok(pruned);
                }
                first = first.or(Some(error));
            }
        }
    }
    // A schema of a text need not be answered in quotes.
    let plain = Value::String(text.trim().to_owned());
    if first.is_none() && check_value(schema, &plain).is_ok() {
        return Ok(plain);
    }
    Err(match first {
        Some(error) => format!("the answer is not what its JSON Schema describes:\n{error}"),
        None => "the answer holds no JSON: send one JSON value, and nothing else".to_owned(),
    })
}

/// A provider that holds its model to a form has it name all members of an object: null is what it says where one is
/// missing.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().filter(|(_, member)| !member.is_null());
            Value::Object(members.map(|(name, member)| (name, without_nulls(member))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        other => other,
    }
}

fn candidates(text: &str) -> impl Iterator<Item = Value> {
    let whole = serde_json::from_str(text.trim()).ok();
    let fenced = text.split("```").skip(1).step_by(2).filter_map(fenced);
    let begins = text.match_indices(['{', '[']).take(TRIED);
    let parts = begins.filter_map(|(at, _)| {
        Deserializer::from_str(&text[at..]).into_iter::<Value>().next()?.ok()
    });
    whole.into_iter().chain(fenced).chain(parts).filter(|value| !is_too_deep(value))
}

/// A fenced block, with or without the name of its language.
fn fenced(block: &str) -> Option<Value> {
    let named = block.split_once('\n').map(|(_, rest)| rest);
    named.into_iter().chain([block]).find_map(|text| serde_json::from_str(text.trim()).ok())
}
