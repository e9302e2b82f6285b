//! [`Shapes`]: what the names in a text stand for, each as a JSON Schema, as far as it is known.

use super::types::{Types, held};
use crate::graph::filling::as_template;
use crate::graph::{Definition, Kind, Node};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The names that a text may read, with the schemas of what they stand for.
#[derive(Debug, Clone)]
pub(in crate::graph) struct Shapes(BTreeMap<&'static str, Value>);

/// A path that leads to nothing.
#[derive(Debug)]
pub(super) enum Nowhere {
    /// Its first name is none.
    Root(Vec<&'static str>),
    /// This part is not among those that there are.
    Member { whole: String, part: String, known: Vec<String> },
    /// This part stands behind something without members.
    Plain { whole: String, types: Types },
}

impl Shapes {
    /// What every text of a definition reads.
    pub(in crate::graph) fn of(definition: &Definition) -> Self {
        let channels = definition.state.iter();
        let channels: Map<_, _> =
            channels.map(|(name, channel)| (name.clone(), held(channel))).collect();
        let state = json!({ "properties": channels, "additionalProperties": false });
        let names = [
            ("input", Value::Object(definition.input.clone())),
            ("state", state),
            ("workflow", json!({ "type": "string" })),
            ("run", json!({ "type": "integer" })),
            ("step", json!({ "type": "integer" })),
        ];
        Self(names.into())
    }

    /// What is known before anything has begun.
    pub(super) fn only_input(&self) -> Self {
        let input = self.0.get_key_value("input").map(|(name, shape)| (*name, shape.clone()));
        Self(input.into_iter().collect())
    }

    /// With one more name.
    pub(in crate::graph) fn with(&self, name: &'static str, schema: Value) -> Self {
        let mut more = self.clone();
        more.0.insert(name, schema);
        more
    }

    /// With what the texts of one node read: `item` and `index` in a `for_each`, `error` behind a node that failed.
    pub(in crate::graph) fn for_node(
        &self,
        definition: &Definition,
        name: &str,
        node: &Node,
    ) -> Self {
        let mut shapes = self.around(definition, name);
        if let Some(list) = &node.for_each {
            let items = self.schema(list.trim()).and_then(|list| list.get("items").cloned());
            shapes = shapes.with("item", items.unwrap_or(json!({})));
            shapes = shapes.with("index", json!({ "type": "integer" }));
        }
        shapes
    }

    /// With what stands around a node: what failed before it, or what it undoes.
    pub(super) fn around(&self, definition: &Definition, name: &str) -> Self {
        self.with_error(definition, name).with_undone(definition, name)
    }

    /// With `output`, `error`, `item` and `index` of what is undone, if the node is one that undoes others.
    fn with_undone(&self, definition: &Definition, name: &str) -> Self {
        let nodes = definition.nodes.values();
        let undone: Vec<&Node> = nodes.filter(|node| node.undo.as_deref() == Some(name)).collect();
        let Some(first) = undone.first() else { return self.clone() };
        let given = if undone.len() == 1 { output(first) } else { json!({}) };
        let error = json!({ "properties": { "node": {}, "error": {} } });
        let shapes = self.with("output", given).with("error", error);
        if undone.iter().all(|node| node.for_each.is_none()) {
            return shapes;
        }
        shapes.with("item", json!({})).with("index", json!({ "type": "integer" }))
    }

    /// With `error`, if the node is one that follows on errors.
    pub(super) fn with_error(&self, definition: &Definition, name: &str) -> Self {
        let mut nodes = definition.nodes.values();
        if !nodes.any(|node| node.on_error.as_deref() == Some(name)) {
            return self.clone();
        }
        let one = json!({ "node": { "type": "string" }, "index": {}, "error": {} });
        let all = json!({ "type": "array", "items": { "properties": one } });
        let first = json!({ "node": { "type": "string" }, "error": {}, "failures": all });
        self.with("error", json!({ "properties": first }))
    }

    /// What a path of names leads to.
    pub(super) fn at(&self, path: &str) -> Result<Value, Nowhere> {
        let mut parts = path.split('.');
        let root = parts.next().unwrap_or_default();
        let known = || self.0.keys().copied().collect();
        let mut schema = self.0.get(root).ok_or_else(|| Nowhere::Root(known()))?.clone();
        let mut whole = root.to_owned();
        for part in parts {
            schema = member(&schema, &whole, part)?;
            whole = format!("{whole}.{part}");
        }
        Ok(schema)
    }

    /// The schema of an expression that is nothing but a path.
    fn schema(&self, text: &str) -> Option<Value> {
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
        (!text.is_empty() && text.chars().all(is_name)).then(|| self.at(text).ok())?
    }

    /// Which types an expression can have: known of paths and of literals.
    pub(in crate::graph) fn types(&self, value: &Value) -> Types {
        if as_template(value).is_some() {
            return Types::named("string");
        }
        let Value::String(text) = value else { return Types::of_value(value) };
        let text = text.trim();
        let inner = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
        if inner.is_some_and(|inner| !inner.contains('\'')) {
            return Types::named("string");
        }
        if let Ok(literal) = serde_json::from_str(text) {
            return Types::of_value(&literal);
        }
        self.schema(text).map_or(Types::ANY, |schema| Types::of_schema(&schema))
    }
}

fn member(schema: &Value, whole: &str, part: &str) -> Result<Value, Nowhere> {
    let whole = || whole.to_owned();
    let types = Types::of_schema(schema);
    if !types.meets(Types::named("object")) {
        return Err(Nowhere::Plain { whole: whole(), types });
    }
    let is_open = ["$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "if", "patternProperties"]
        .iter()
        .any(|word| schema.get(word).is_some());
    let Some(Value::Object(properties)) = schema.get("properties") else { return Ok(json!({})) };
    match (properties.get(part), schema.get("additionalProperties")) {
        (Some(schema), _) => Ok(schema.clone()),
        (None, Some(Value::Bool(true))) => Ok(json!({})),
        (None, Some(more @ Value::Object(_))) => Ok(more.clone()),
        (None, _) if is_open => Ok(json!({})),
        (None, _) => {
            let known = properties.keys().cloned().collect();
            Err(Nowhere::Member { whole: whole(), part: part.to_owned(), known })
        }
    }
}

/// What a definition answers, as a schema.
pub(in crate::graph) fn answer(definition: &Definition) -> Value {
    let shapes = Shapes::of(definition);
    if definition.output.is_empty() {
        return shapes.0.get("state").cloned().unwrap_or_default();
    }
    let members = definition.output.iter().map(|(name, value)| {
        let path = value.as_str().and_then(|text| shapes.schema(text.trim()));
        (name.clone(), path.unwrap_or(json!({})))
    });
    json!({ "type": "object", "properties": members.collect::<Map<_, _>>() })
}

/// What a node gives, as a schema.
pub(super) fn output(node: &Node) -> Value {
    match node.kinds().next() {
        Some(Kind::Agent(agent)) => {
            agent.output.clone().unwrap_or_else(|| json!({ "type": "string" }))
        }
        Some(Kind::Interrupt(interrupt)) => interrupt.answer.clone().unwrap_or(json!({})),
        Some(Kind::Set(members)) => {
            let names = members.keys().map(|name| (name.clone(), json!({})));
            json!({ "type": "object", "properties": names.collect::<Map<_, _>>() })
        }
        Some(Kind::Wait(wait)) if wait.topic.is_some() => message(),
        _ => json!({}),
    }
}

/// What a wait's condition looks at.
pub(super) fn message() -> Value {
    let text = json!({ "type": "string" });
    json!({ "type": "object", "properties": { "topic": text, "event_type": text, "data": {} } })
}
