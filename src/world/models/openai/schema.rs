//! [`Format`]: a JSON Schema as providers take one that are to hold their models to it.
//!
//! What they take is a part of JSON Schema
//! (<https://platform.openai.com/docs/guides/structured-outputs#supported-schemas>): the root is an object, objects are
//! closed, all that they have is required. So optional members become required ones that may be null, what is not known
//! there is left out, and a list is put into an object. Whoever asks checks the answer by the whole schema, and takes a
//! null for what may be missing.

use serde_json::{Map, Value, json};

/// The form of an answer.
#[derive(Debug, PartialEq)]
pub(super) struct Format {
    /// A schema of an object.
    pub(super) schema: Value,
    /// Whether the provider is to hold its model to it in all cases.
    pub(super) is_strict: bool,
}

/// What is kept of any schema beside its structure.
const KEPT: [&str; 10] = [
    "description",
    "enum",
    "const",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
];

/// What cannot be said otherwise: a schema with one of these cannot be held to as a whole.
const UNSAYABLE: [&str; 3] = ["prefixItems", "unevaluatedProperties", "$dynamicRef"];

impl Format {
    /// The form; `None`: there is none that a provider takes.
    pub(super) fn of(schema: &Value) -> Option<Self> {
        let is = |kind: &str| schema.get("type").and_then(Value::as_str) == Some(kind);
        if is("array") {
            return Self::wrapped(schema);
        }
        if !is("object") && schema.get("properties").is_none() {
            return None;
        }
        let strict = closed(schema).map(|root| Self { schema: root, is_strict: true });
        Some(strict.unwrap_or_else(|| Self { schema: schema.clone(), is_strict: false }))
    }

    /// A list in an object: who checks the answer finds it there.
    fn wrapped(schema: &Value) -> Option<Self> {
        let mut list = closed(schema)?;
        let definitions = list.as_object_mut()?.remove("$defs");
        let mut root = json!({
            "type": "object", "properties": { "items": list }, "required": ["items"],
            "additionalProperties": false,
        });
        if let Some(definitions) = definitions {
            root["$defs"] = definitions;
        }
        Some(Self { schema: root, is_strict: true })
    }
}

/// A schema with all objects in it closed; `None`: it cannot be said so.
fn closed(schema: &Value) -> Option<Value> {
    let from =
        schema.as_object().filter(|from| !UNSAYABLE.iter().any(|key| from.contains_key(*key)))?;
    if let Some(reference) = from.get("$ref") {
        let is_ours = reference.as_str().is_some_and(|to| to == "#" || to.starts_with("#/$defs/"));
        return is_ours.then(|| json!({ "$ref": reference }));
    }
    let mut to: Map<String, Value> =
        KEPT.iter().filter_map(|key| Some(((*key).to_owned(), from.get(*key)?.clone()))).collect();
    if let Some(definitions) = from.get("$defs") {
        to.insert("$defs".into(), each(definitions, closed)?);
    }
    if let Some(choices) = choices(from) {
        let choices: Option<Vec<Value>> = choices.iter().map(closed).collect();
        to.insert("anyOf".into(), Value::Array(choices?));
        return Some(Value::Object(to));
    }
    let kind = kind(from)?;
    let is =
        |name: &str| kind == name || kind.as_array().is_some_and(|all| all.contains(&name.into()));
    if is("object") {
        close(from, &mut to)?;
    }
    if is("array") {
        to.insert("items".into(), closed(from.get("items")?)?);
    }
    to.insert("type".into(), kind);
    Some(Value::Object(to))
}

/// One of several, in whichever way that is said.
fn choices(from: &Map<String, Value>) -> Option<&Vec<Value>> {
    from.get("anyOf").or_else(|| from.get("oneOf"))?.as_array()
}

/// Its type, as it is said, or as its members or values show it.
fn kind(from: &Map<String, Value>) -> Option<Value> {
    if let Some(kind) = from.get("type") {
        return Some(kind.clone());
    }
    if from.contains_key("properties") {
        return Some("object".into());
    }
    let values = from.get("enum").and_then(Value::as_array);
    let mut values = values.into_iter().flatten().chain(from.get("const")).peekable();
    values.peek()?;
    values.all(Value::is_string).then(|| "string".into())
}

/// An object with all that it may have, and nothing else.
fn close(from: &Map<String, Value>, to: &mut Map<String, Value>) -> Option<()> {
    let empty = Map::new();
    let members = from.get("properties").and_then(Value::as_object).unwrap_or(&empty);
    let others = from.get("additionalProperties");
    let is_open = others.is_none_or(|others| *others == Value::Bool(true));
    // Members of any name, or of a form of their own, cannot be said.
    if (members.is_empty() && is_open) || others.is_some_and(Value::is_object) {
        return None;
    }
    let required = from.get("required").and_then(Value::as_array);
    let is_required = |name: &str| required.is_some_and(|all| all.contains(&name.into()));
    let members = members.iter().map(|(name, member)| {
        let member = closed(member)?;
        let member = if is_required(name) { member } else { nullable(&member) };
        Some((name.clone(), member))
    });
    let members: Option<Map<String, Value>> = members.collect();
    let members = members?;
    to.insert("required".into(), members.keys().cloned().collect());
    to.insert("properties".into(), Value::Object(members));
    to.insert("additionalProperties".into(), Value::Bool(false));
    Some(())
}

fn each(members: &Value, change: impl Fn(&Value) -> Option<Value>) -> Option<Value> {
    let members = members.as_object()?.iter();
    let members = members.map(|(name, member)| Some((name.clone(), change(member)?)));
    members.collect::<Option<Map<_, _>>>().map(Value::Object)
}

/// The same, or null.
fn nullable(schema: &Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_closed_and_what_may_be_missing_may_be_null() {
        let schema = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Verdict",
            "type": "object", "required": ["winner"],
            "properties": {
                "winner": { "type": "string", "enum": ["pro", "contra"], "default": "pro" },
                "points": { "type": "array", "minItems": 1, "items": { "type": "integer", "minimum": 0 } },
                "note": { "type": "string", "minLength": 3, "description": "In words." },
            },
        });
        let or_null = |schema| json!({ "anyOf": [schema, { "type": "null" }] });
        let points =
            json!({ "type": "array", "minItems": 1, "items": { "type": "integer", "minimum": 0 } });
        let expected = json!({
            "type": "object", "additionalProperties": false,
            "required": ["winner", "points", "note"],
            "properties": {
                "winner": { "type": "string", "enum": ["pro", "contra"] },
                "points": or_null(points),
                "note": or_null(json!({ "type": "string", "description": "In words." })),
            },
        });
        let format = Format::of(&schema).unwrap();
        assert!(format.is_strict);
        let mut required = format.schema["required"].as_array().unwrap().clone();
        required.sort_by_key(ToString::to_string);
        let mut sorted = format.schema.clone();
        sorted["required"] = required.into();
        let mut expected = expected;
        expected["required"] = json!(["note", "points", "winner"]);
        assert_eq!(sorted, expected);
    }

    #[test]
    fn a_list_is_put_into_an_object_with_what_it_refers_to() {
        let point = json!({ "type": "object", "properties": { "x": { "type": "number" } }, "required": ["x"] });
        let list = json!({ "type": "array", "items": { "$ref": "#/$defs/point" }, "$defs": { "point": point } });
        let Format { schema, is_strict } = Format::of(&list).unwrap();
        assert!(is_strict);
        assert_eq!(
            schema["properties"]["items"],
            json!({ "type": "array", "items": { "$ref": "#/$defs/point" } })
        );
        assert_eq!(schema["$defs"]["point"]["additionalProperties"], false);
    }

    #[test]
    fn what_cannot_be_said_closed_is_sent_as_it_is_and_not_held_to() {
        let open = [
            json!({ "type": "object" }),
            json!({ "type": "object", "properties": { "any": {} } }),
            json!({ "type": "object", "additionalProperties": { "type": "string" } }),
            json!({ "type": "object", "properties": { "pair": { "type": "array", "prefixItems": [] } } }),
            json!({ "type": "object", "properties": { "far": { "$ref": "https://x/y" } } }),
        ];
        for schema in open {
            assert_eq!(Format::of(&schema), Some(Format { schema, is_strict: false }));
        }
        assert_eq!(Format::of(&json!({ "type": "string" })), None);
        assert_eq!(Format::of(&json!({ "type": "array", "items": {} })), None);
        assert_eq!(Format::of(&json!(true)), None);
    }

    #[test]
    fn choices_and_kinds_that_are_not_said_are_understood() {
        let schema = json!({ "properties": {
            "a": { "oneOf": [{ "type": "string" }, { "type": "integer" }] },
            "b": { "enum": ["x", "y"] },
        }, "required": ["a", "b"] });
        let Format { schema, is_strict } = Format::of(&schema).unwrap();
        assert!(is_strict);
        assert_eq!(schema["type"], "object");
        assert_eq!(
            schema["properties"]["a"],
            json!({ "anyOf": [{ "type": "string" }, { "type": "integer" }] })
        );
        assert_eq!(schema["properties"]["b"], json!({ "type": "string", "enum": ["x", "y"] }));
    }
}
