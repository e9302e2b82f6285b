//! [`Types`]: which JSON types a value can have, as far as its schema says.

use crate::graph::{Channel, Reducer};
use serde_json::{Value, json};

const WORDS: [(&str, &str); 6] = [
    ("null", "null"),
    ("boolean", "a boolean"),
    ("number", "a number"),
    ("string", "a text"),
    ("array", "a list"),
    ("object", "an object"),
];

/// A set of JSON types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::graph) struct Types(u8);

impl Types {
    pub(super) const ANY: Self = Self(0b11_1111);

    /// What a schema allows. What it says in other ways than `type`, `enum` and `const` is not looked at.
    pub(in crate::graph) fn of_schema(schema: &Value) -> Self {
        if let Some(value) = schema.get("const") {
            return Self::of_value(value);
        }
        if let Some(Value::Array(values)) = schema.get("enum") {
            return values.iter().map(Self::of_value).fold(Self(0), Self::or);
        }
        match schema.get("type") {
            Some(Value::String(name)) => Self::named(name),
            Some(Value::Array(names)) => {
                names.iter().filter_map(Value::as_str).map(Self::named).fold(Self(0), Self::or)
            }
            _ => Self::ANY,
        }
    }

    pub(super) fn of_value(value: &Value) -> Self {
        Self::named(match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        })
    }

    pub(super) fn named(name: &str) -> Self {
        let name = if name == "integer" { "number" } else { name };
        WORDS.iter().position(|(known, _)| *known == name).map_or(Self::ANY, |at| Self(1 << at))
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(in crate::graph) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(in crate::graph) fn words(self) -> String {
        let words = WORDS.iter().enumerate().filter(|(at, _)| self.0 & (1 << at) != 0);
        words.map(|(_, (_, word))| *word).collect::<Vec<_>>().join(" or ")
    }
}

/// What a channel takes, in one write.
pub(super) fn taken(channel: &Channel) -> Types {
    let schema = channel.schema.as_ref();
    match channel.reducer {
        Reducer::Replace => schema.map_or(Types::ANY, Types::of_schema),
        Reducer::Append => {
            let items = schema.and_then(|schema| schema.get("items"));
            items.map_or(Types::ANY, Types::of_schema).or(Types::named("array"))
        }
        Reducer::Merge => Types::named("object"),
        Reducer::Sum | Reducer::Max => Types::named("number"),
        Reducer::Messages => Types::named("object").or(Types::named("array")),
    }
}

/// What a channel holds, as a schema.
pub(super) fn held(channel: &Channel) -> Value {
    channel.schema.clone().unwrap_or_else(|| match channel.reducer {
        Reducer::Append | Reducer::Messages => json!({ "type": "array" }),
        Reducer::Merge => json!({ "type": "object" }),
        Reducer::Sum => json!({ "type": "number" }),
        Reducer::Max => json!({ "type": ["number", "null"] }),
        Reducer::Replace => json!({}),
    })
}
