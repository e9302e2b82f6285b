//! Tests of the arithmetic, by what graphs come to.

mod begins;
mod editors;
mod language;
mod page;
mod reading;
mod reducers;
mod steps;
mod structured;
mod works;

use super::{Abilities, Definition, Entry, Finished, Frontier, Scope};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// A definition around these members; what is missing is filled in.
fn definition(mut members: Value) -> Definition {
    let all = members.as_object_mut().unwrap();
    all.entry("name").or_insert(json!("test"));
    all.entry("start").or_insert(json!("a"));
    all.entry("nodes").or_insert(json!({ "a": { "set": {} } }));
    serde_json::from_value(members).unwrap()
}

/// Some tools, and a runtime that cannot be given any.
fn abilities() -> Abilities {
    let any = json!({ "type": "object" });
    let publish = json!({
        "type": "object", "required": ["topic", "data"], "additionalProperties": false,
        "properties": { "topic": { "type": "string" }, "data": {}, "event_type": {} },
    });
    let tools = ["read_file", "forget", "read_messages", "get_state", "set_state"];
    let files = ["list_files", "search_text", "write_file", "edit_file"];
    let tools = tools.into_iter().chain(files).map(|name| (name.to_owned(), any.clone()));
    Abilities {
        tools: tools.chain([("publish".to_owned(), publish)]).collect(),
        unlisted: ["elsewhere__".to_owned()].into(),
        programs: ["claude".to_owned()].into(),
    }
}

/// What a test's texts see.
struct World {
    input: Value,
    state: Map<String, Value>,
}

impl World {
    fn of(input: Value, state: Value) -> Self {
        let Value::Object(state) = state else { panic!("a state is an object") };
        Self { input, state }
    }

    fn scope(&self) -> Scope<'_> {
        let (input, state) = (&self.input, &self.state);
        Scope {
            input,
            state,
            workflow: "w1",
            run: 1,
            step: 3,
            item: None,
            error: None,
            output: None,
        }
    }
}

fn frontier(names: &[&str]) -> Frontier {
    let entries = names.iter().map(|name| ((*name).to_owned(), Entry::default()));
    Frontier { entries: entries.collect(), ..Frontier::default() }
}

/// All of them have given this.
fn all(names: &[&str], output: &Value) -> BTreeMap<String, Finished> {
    names.iter().map(|name| ((*name).to_owned(), Finished::Output(output.clone()))).collect()
}
