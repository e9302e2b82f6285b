//! [`Listing`]: what a server offers, made of what it says. One bad tool is left out, and said why; the others stay.

use super::plain::{line, plain};
use super::spec::ServerSpec;
use callboard_actors::graph::check_schema;
use callboard_actors::tools::{Source, Tool};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// So many tools are taken from one server: a model has to read them all.
const MOST_TOOLS: usize = 256;

/// The longest name of a tool, with its server's.
const LONGEST_NAME: usize = 64;

/// The longest description of a tool, in letters.
const LONGEST_DESCRIPTION: usize = 2_000;

/// The longest description of a part of its arguments.
const LONGEST_WORDS: usize = 500;

/// The largest schema, in bytes of JSON.
const LARGEST_SCHEMA: usize = 32_000;

/// More references in a schema are refused: checked against one that uses itself again and again, a value takes for ever.
const MOST_REFERENCES: usize = 32;

/// By these a schema refers to another.
const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];

/// What a server offers.
#[derive(Debug, Clone, Default)]
pub(super) struct Listing {
    /// By our names of them.
    pub(super) tools: BTreeMap<String, Offered>,
    /// By the server's names of them: why they are left out.
    pub(super) left_out: BTreeMap<String, String>,
}

/// A tool of a server.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Offered {
    /// As we know it.
    pub(super) tool: Tool,
    /// What the server calls it.
    pub(super) name: String,
}

impl Listing {
    /// Of what a server has said.
    pub(super) fn of(spec: &ServerSpec, said: Vec<Value>) -> Self {
        let mut listing = Self::default();
        for (index, said) in said.into_iter().enumerate() {
            let name = said["name"].as_str().map_or_else(
                || format!("the tool number {}", index + 1),
                |name| line(name, LONGEST_NAME),
            );
            if said["name"].as_str().is_some_and(|name| !spec.offers(name)) {
                continue;
            }
            if let Err(why) = listing.add(spec, &said) {
                listing.leave_out(name, why);
            }
        }
        listing
    }

    fn leave_out(&mut self, name: String, why: String) {
        if self.left_out.len() < MOST_TOOLS {
            self.left_out.insert(name, why);
        }
    }

    fn add(&mut self, spec: &ServerSpec, said: &Value) -> Result<(), String> {
        let name = said["name"].as_str().filter(|name| !name.is_empty());
        let name = name.ok_or("it has no name")?;
        let own = own_name(&spec.name, name)?;
        if let Some(other) = self.tools.get(&own) {
            let other = &other.name;
            return Err(format!(
                "its name here would be {own}, which the tool {other} has already"
            ));
        }
        if self.tools.len() >= MOST_TOOLS {
            return Err(format!("there are more than {MOST_TOOLS} tools: choose some by `tools`"));
        }
        let parameters = parameters(&said["inputSchema"])?;
        let described = said["description"].as_str().or(said["title"].as_str());
        let hint = |name: &str| said["annotations"][name] == Value::Bool(true);
        let is_harmless = hint("readOnlyHint") || hint("idempotentHint");
        let tool = Tool {
            name: own.clone(),
            description: plain(described.unwrap_or_default(), LONGEST_DESCRIPTION),
            parameters,
            needs: spec.needs,
            repeat: spec.repeat_of(name, is_harmless),
            timeout_s: spec.timeout_s,
        };
        self.tools.insert(own, Offered { tool, name: name.to_owned() });
        Ok(())
    }
}

/// What we call it: models know letters, digits, `_` and `-`.
fn own_name(server: &str, name: &str) -> Result<String, String> {
    let is_fit = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    let fitted: String =
        name.chars().map(|letter| if is_fit(letter) { letter } else { '_' }).collect();
    let own = format!("{server}{}{fitted}", Source::BETWEEN);
    if own.len() > LONGEST_NAME {
        let most = LONGEST_NAME;
        return Err(format!("with its server's its name is longer than {most} letters"));
    }
    Ok(own)
}

fn parameters(said: &Value) -> Result<Value, String> {
    let Value::Object(schema) = said else {
        return Err("the schema of its arguments is no object".into());
    };
    if schema.get("type").is_none_or(|of| of != "object") {
        return Err("its arguments are no object, by their schema".into());
    }
    let bytes = said.to_string().len();
    if bytes > LARGEST_SCHEMA {
        let most = LARGEST_SCHEMA;
        return Err(format!("the schema of its arguments has {bytes} bytes, more than {most}"));
    }
    let references = references(said);
    if references > MOST_REFERENCES {
        let most = MOST_REFERENCES;
        return Err(format!("its schema has {references} references, more than {most}"));
    }
    let schema = Value::Object(described(schema));
    check_schema(&schema).map_err(|why| format!("its schema is none: {}", line(&why, 300)))?;
    Ok(schema)
}

fn references(value: &Value) -> usize {
    match value {
        Value::Object(fields) => {
            let own = fields.keys().filter(|name| REFERENCES.contains(&name.as_str()));
            own.count() + fields.values().map(references).sum::<usize>()
        }
        Value::Array(items) => items.iter().map(references).sum(),
        _ => 0,
    }
}

/// The same schema, its words plain; its values are left as they are.
fn described(schema: &Map<String, Value>) -> Map<String, Value> {
    let field = |(name, value): (&String, &Value)| {
        let value = match (name.as_str(), value) {
            ("description" | "title" | "$comment", Value::String(text)) => {
                plain(text, LONGEST_WORDS).into()
            }
            ("const" | "enum" | "default" | "examples", value) => value.clone(),
            (_, value) => described_value(value),
        };
        (name.clone(), value)
    };
    schema.iter().map(field).collect()
}

fn described_value(value: &Value) -> Value {
    match value {
        Value::Object(schema) => described(schema).into(),
        Value::Array(items) => items.iter().map(described_value).collect(),
        value => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::spec::tests::spec;
    use super::*;
    use callboard_actors::tools::Repeat;
    use serde_json::json;

    fn tool(name: &str) -> Value {
        json!({ "name": name, "description": "Does it.", "inputSchema": { "type": "object" } })
    }

    #[test]
    fn tools_are_named_after_their_server_and_clashes_are_told() {
        let said = vec![tool("get.sum"), tool("get_sum"), tool("echo"), tool(&"x".repeat(70))];
        let listing = Listing::of(&spec(), said);
        assert_eq!(listing.tools.keys().collect::<Vec<_>>(), ["s__echo", "s__get_sum"]);
        assert_eq!(listing.tools["s__get_sum"].name, "get.sum");
        assert!(listing.left_out["get_sum"].contains("which the tool get.sum has already"));
        assert_eq!(listing.left_out.len(), 2, "{:?}", listing.left_out);
    }

    #[test]
    fn what_cannot_be_used_is_left_out_alone_and_says_why() {
        let schema = |schema: Value| json!({ "name": "bad", "inputSchema": schema });
        let nested = json!({ "type": "object", "allOf": vec![json!({ "$ref": "#" }); 40] });
        let bad = [
            (json!({ "inputSchema": { "type": "object" } }), "no name"),
            (json!("bad"), "no name"),
            (schema(json!("object")), "is no object"),
            (schema(json!({ "type": "string" })), "no object, by their schema"),
            (schema(json!({})), "no object, by their schema"),
            (schema(json!({ "type": "object", "description": "x".repeat(40_000) })), "bytes"),
            (schema(json!({ "type": "object", "properties": { "a": { "type": "bad" } } })), "none"),
            (schema(json!({ "type": "object", "$ref": "http://evil.example/s" })), "none"),
            (schema(nested), "40 references"),
        ];
        for (bad, why) in bad {
            let listing = Listing::of(&spec(), vec![bad.clone(), tool("good")]);
            assert_eq!(listing.tools.len(), 1, "{bad}");
            let said = listing.left_out.values().next().expect("it says why");
            assert!(said.contains(why), "{said}");
        }
    }

    #[test]
    fn words_are_made_plain_and_values_are_not() {
        let said = json!({
            "name": "t", "description": "a\u{202e}b\u{1b}[2J",
            "annotations": { "readOnlyHint": true },
            "inputSchema": { "type": "object", "properties": {
                "description": { "type": "string", "description": "c\u{7}d", "enum": ["\u{7}"] },
            } },
        });
        let mut spec = spec();
        spec.trust_hints = true;
        let listing = Listing::of(&spec, vec![said]);
        let tool = &listing.tools["s__t"].tool;
        assert_eq!((tool.description.as_str(), tool.repeat), ("ab[2J", Repeat::Safe));
        let property = &tool.parameters["properties"]["description"];
        assert_eq!(
            (&property["description"], &property["enum"][0]),
            (&json!("cd"), &json!("\u{7}"))
        );
    }

    #[test]
    fn only_what_is_chosen_is_offered() {
        let mut spec = spec();
        spec.tools = vec!["e*".into()];
        let listing = Listing::of(&spec, vec![tool("echo"), tool("get")]);
        assert_eq!(listing.tools.keys().collect::<Vec<_>>(), ["s__echo"]);
        assert!(listing.left_out.is_empty(), "it was not wanted");
    }
}
