//! How runs begin, and what they answer.

use super::{World, definition, frontier};
use crate::graph::{Write, begin, output};
use serde_json::{Value, json};

#[test]
fn an_input_gets_its_defaults_and_is_written_to_the_channels_of_its_names() {
    let definition = definition(json!({
        "input": {
            "type": "object",
            "required": ["topic"],
            "properties": {
                "topic": { "type": "string" },
                "rounds": { "type": "integer", "default": 3 },
                "style": {
                    "type": "object",
                    "default": {},
                    "properties": { "tone": { "default": "calm" } },
                },
            },
        },
        "state": { "rounds": { "reducer": "sum" }, "other": {} },
        "start": ["a", "b"],
    }));
    let begun = begin(&definition, &json!({ "topic": "tea" })).unwrap();
    let filled = json!({ "topic": "tea", "rounds": 3, "style": { "tone": "calm" } });
    assert_eq!(begun.input, filled);
    assert_eq!(begun.writes, [Write { channel: "rounds".into(), value: json!(3) }]);
    assert_eq!(begun.frontier, frontier(&["a", "b"]));
    let error = begin(&definition, &Value::Null).unwrap_err().to_string();
    assert_eq!(error, "input: the value: missing properties 'topic'");
    let error = begin(&definition, &json!({ "topic": 1, "rounds": "x" })).unwrap_err().to_string();
    assert!(error.contains("/topic: want string, but got number"), "{error}");
    assert!(error.contains("/rounds: want integer, but got string"), "{error}");
    let error = begin(&definition, &json!([1])).unwrap_err().to_string();
    assert_eq!(error, "input: it has to be an object, and is a list");
}

#[test]
fn a_run_answers_its_output_or_its_whole_state() {
    let world = World::of(json!({ "x": 1 }), json!({ "n": 1 }));
    let end = json!({ "n": 2 });
    let end = end.as_object().unwrap();
    let whole = output(&definition(json!({})), end, &world.scope()).unwrap();
    assert_eq!(whole, json!({ "n": 2 }));
    let some =
        definition(json!({ "output": { "sum": "state.n + input.x", "list": ["state.n", 5] } }));
    let some = output(&some, end, &world.scope()).unwrap();
    assert_eq!(some, json!({ "sum": 3, "list": [2, 5] }));
    let wrong = definition(json!({ "output": { "m": "state.m" } }));
    let error = output(&wrong, end, &world.scope()).unwrap_err().to_string();
    assert_eq!(error, "output.m: `state.m` is undefined");
}
