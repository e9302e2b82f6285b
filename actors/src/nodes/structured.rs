//! Whether an answer is what its schema says: a seam.
//!
//! The graph's own check takes this place as soon as it is there, with the same signature. Until then the words of
//! a schema that say what a value is made of are looked at (`type`, `enum`, `required`, `properties`,
//! `additionalProperties: false`, `items`), and others are not.

use serde_json::{Map, Value};

/// The value that a text holds, if it fits the schema; else what is wrong with it, a line each.
pub(super) fn structured(schema: &Value, text: &str) -> Result<Value, String> {
    let value: Value = serde_json::from_str(bare(text)).map_err(|error| {
        format!("the answer holds no JSON: send one JSON value, and nothing else ({error})")
    })?;
    let mut wrong = Vec::new();
    look(schema, &value, "the answer", &mut wrong);
    if wrong.is_empty() { Ok(value) } else { Err(wrong.join("\n")) }
}

/// The text without the fence that models like to put around JSON.
fn bare(text: &str) -> &str {
    let text = text.trim();
    let Some(fenced) = text.strip_prefix("```").and_then(|rest| rest.strip_suffix("```")) else {
        return text;
    };
    fenced.split_once('\n').map_or(fenced, |(_, inner)| inner)
}

fn look(schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
    let Value::Object(schema) = schema else { return };
    if let Some(types) = schema.get("type").filter(|types| !is_one_of(types, value)) {
        return wrong.push(format!("{at} has to be of type {types}, but is {}", type_of(value)));
    }
    if let Some(Value::Array(allowed)) = schema.get("enum")
        && !allowed.contains(value)
    {
        let allowed: Vec<String> = allowed.iter().map(ToString::to_string).collect();
        wrong.push(format!("{at} has to be one of {}, but is {value}", allowed.join(", ")));
    }
    match value {
        Value::Object(members) => look_at_members(schema, members, at, wrong),
        Value::Array(items) => {
            let Some(schema) = schema.get("items") else { return };
            for (index, item) in items.iter().enumerate() {
                look(schema, item, &format!("{at}[{index}]"), wrong);
            }
        }
        _ => {}
    }
}

fn look_at_members(
    schema: &Map<String, Value>,
    members: &Map<String, Value>,
    at: &str,
    wrong: &mut Vec<String>,
) {
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        if name.as_str().is_some_and(|name| !members.contains_key(name)) {
            wrong.push(format!("{at} lacks the member {name}"));
        }
    }
    let known = schema.get("properties").and_then(Value::as_object);
    let is_closed = schema.get("additionalProperties") == Some(&Value::Bool(false));
    for (name, member) in members {
        match known.and_then(|known| known.get(name)) {
            Some(schema) => look(schema, member, &format!("{at}.{name}"), wrong),
            None if is_closed => wrong.push(format!("{at} may not have the member {name:?}")),
            None => {}
        }
    }
}

fn is_one_of(types: &Value, value: &Value) -> bool {
    match types {
        Value::String(name) => is_a(name, value),
        Value::Array(names) => names.iter().filter_map(Value::as_str).any(|name| is_a(name, value)),
        _ => true,
    }
}

fn is_a(name: &str, value: &Value) -> bool {
    let is_whole =
        value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|n| n.fract() == 0.0);
    name == type_of(value) || (name == "integer" && value.is_number() && is_whole)
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_does_not_fit_is_named_by_its_place() {
        let schema = json!({
            "type": "object",
            "required": ["winner", "scores"],
            "additionalProperties": false,
            "properties": {
                "winner": { "enum": ["pro", "con"] },
                "scores": { "type": "array", "items": { "type": "integer" } },
            },
        });
        let wrong = |text| structured(&schema, text).unwrap_err();
        let good = "```json\n{\"winner\": \"pro\", \"scores\": [1, 2.0]}\n```";
        assert_eq!(structured(&schema, good).unwrap()["winner"], "pro");
        assert!(wrong("I think pro.").starts_with("the answer holds no JSON: "));
        assert_eq!(wrong("3"), "the answer has to be of type \"object\", but is number");
        assert_eq!(
            wrong("{\"winner\": \"me\", \"scores\": [1.5], \"x\": 1}"),
            "the answer.scores[0] has to be of type \"integer\", but is number\n\
             the answer.winner has to be one of \"pro\", \"con\", but is \"me\"\n\
             the answer may not have the member \"x\""
        );
        assert_eq!(wrong("{\"winner\": \"pro\"}"), "the answer lacks the member \"scores\"");
    }
}
