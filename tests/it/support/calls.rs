//! [`one_call`]: a workflow that does nothing else.

use serde_json::{Map, Value, json};

/// A workflow that calls a tool, and notes what came of it.
pub(crate) fn one_call(name: &str, tool: &str, arguments: &Value) -> Value {
    let names = arguments.as_object().unwrap().keys();
    let with: Map<String, Value> =
        names.map(|name| (name.clone(), json!(format!("input.arguments.{name}")))).collect();
    json!({
        "name": name,
        "input": { "type": "object", "required": ["arguments"], "properties": { "arguments": { "type": "object" } } },
        "state": { "result": {}, "refused": {} },
        "start": "call",
        "nodes": {
            "call": { "tool": { "name": tool, "with": with }, "write": { "result": "output" }, "on_error": "note" },
            "note": { "set": { "refused": "error.error.error" } },
        },
        "edges": [{ "from": "call", "to": "end" }],
    })
}
