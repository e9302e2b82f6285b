//! What a sentence means to a workflow: which property of its input it goes to.
//!
//! The rule: the first name in `required` whose property is a text and names no folder of the workspace; where none is
//! required, the first of `text`, `message`, `task`, `topic`, `query`, `question` and `prompt` that is one. A
//! definition without such a property takes no sentences, but `params`.

use callboard_actors::graph::{Definition, workspace_inputs};
use serde_json::{Map, Value};

/// What a property for sentences may be called, where none is required.
const NAMES: [&str; 7] = ["text", "message", "task", "topic", "query", "question", "prompt"];

/// The property of the input that a sentence goes to; `None`: there is none.
pub fn text_input(definition: &Definition) -> Option<String> {
    let folders = workspace_inputs(definition);
    let is_text = |name: &&str| {
        let property = &definition.input.get("properties").unwrap_or(&Value::Null)[*name];
        takes_text(property) && !folders.contains(*name)
    };
    let required = definition.input.get("required").and_then(Value::as_array);
    let required = required.into_iter().flatten().filter_map(Value::as_str);
    required.chain(NAMES).find(is_text).map(str::to_owned)
}

/// A property without choices that may be a text.
fn takes_text(property: &Value) -> bool {
    let kind = &property["type"];
    let is_text =
        kind == "string" || kind.as_array().is_some_and(|all| all.contains(&"string".into()));
    is_text && property["enum"].is_null() && property["const"].is_null()
}

/// What a run is given: what was said, over what is known from elsewhere.
pub fn completed(known: Value, said: Map<String, Value>) -> Value {
    let mut members = match known {
        Value::Object(members) => members,
        _ => Map::new(),
    };
    members.extend(said);
    Value::Object(members)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(input: &Value, workspace: Option<&str>) -> Option<String> {
        let definition = json!({
            "name": "d", "input": input, "workspace": workspace, "start": "a",
            "nodes": { "a": { "set": {} } },
        });
        text_input(&serde_json::from_value(definition).unwrap())
    }

    #[test]
    fn a_sentence_goes_to_the_first_text_that_is_required() {
        let properties = json!({
            "task": { "type": "string" }, "workspace": { "type": "string" }, "n": { "type": "integer" },
            "how": { "type": "string", "enum": ["a", "b"] }, "topic": { "type": ["string", "null"] },
        });
        let input = |required: &[&str]| json!({ "properties": properties, "required": required });
        let folder = Some("{{ input.workspace }}");
        let is = |required: &[&str], name: &str| {
            assert_eq!(of(&input(required), folder).as_deref(), Some(name), "{required:?}");
        };
        is(&["workspace", "n", "how", "topic", "task"], "topic");
        is(&["task", "topic"], "task");
        is(&["workspace"], "task");
        is(&[], "task");
        assert_eq!(of(&input(&["workspace"]), None).as_deref(), Some("workspace"));
    }

    #[test]
    fn a_definition_without_texts_takes_no_sentences() {
        assert_eq!(of(&json!({ "properties": { "n": { "type": "integer" } } }), None), None);
        assert_eq!(of(&json!({ "properties": { "name": { "type": "string" } } }), None), None);
        assert_eq!(of(&json!({}), None), None);
    }

    #[test]
    fn what_is_said_goes_over_what_is_known() {
        let Value::Object(said) = json!({ "a": 2, "b": 3 }) else { unreachable!() };
        assert_eq!(
            completed(json!({ "a": 1, "c": 4 }), said.clone()),
            json!({ "a": 2, "b": 3, "c": 4 })
        );
        assert_eq!(completed(Value::Null, said.clone()), Value::Object(said));
    }
}
