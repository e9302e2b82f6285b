//! [`Calls`]: the calls of tools that agents of a workflow make, a line each when it has come to something. Pure.

use std::collections::HashMap;

use serde_json::Value;

use crate::cli::api::Message;
use crate::cli::table::cut;

/// How much of arguments and errors is shown.
const WIDTH: usize = 80;

/// The calls that are open, by what names them.
#[derive(Default)]
pub(super) struct Calls(HashMap<(String, u64, u64), String>);

impl Calls {
    /// What is to be printed of a message about a call.
    pub(super) fn hear(&mut self, message: &Message) -> Option<String> {
        let data = &message.data;
        let number = |field| message.number(field).unwrap_or_default();
        let key = (message.stream.clone()?, number("turn"), number("index"));
        match message.event_type.as_str() {
            "TOOL_CALLED" => {
                self.0.insert(key, shown(&data["arguments"]));
                None
            }
            "TOOL_RESULT" => {
                let arguments = self.0.remove(&key).unwrap_or_default();
                let (step, node) = place(message.text("path").unwrap_or_default());
                let name = message.text("name").unwrap_or_default();
                let how = if data["is_error"] == true {
                    format!("failed: {}", shown(&data["result"]))
                } else {
                    "ok".to_owned()
                };
                Some(format!("{step:>3}  {node:<12} ⚒ {name} {arguments} {how}"))
            }
            _ => None,
        }
    }
}

/// `collaboration/run 1/step 3/work[2]`: the step and the node.
fn place(path: &str) -> (&str, &str) {
    let mut parts = path.rsplit('/');
    let node = parts.next().unwrap_or_default();
    let step = parts.next().and_then(|step| step.strip_prefix("step "));
    (step.unwrap_or_default(), node)
}

fn shown(payload: &Value) -> String {
    match &payload["inline"] {
        Value::Null => "…".to_owned(),
        Value::String(text) => cut(text, WIDTH),
        value => cut(&value.to_string(), WIDTH),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn message(event_type: &str, data: &Value) -> Message {
        let message = json!({
            "position": 1, "kind": "event", "stream": "node/n", "event_type": event_type, "data": data,
        });
        serde_json::from_value(message).unwrap()
    }

    #[test]
    fn a_call_has_its_line_when_it_has_come_to_something() {
        let mut calls = Calls::default();
        let path = "team/run 1/step 3/work[2]";
        let mut told = |event_type: &str, mut data: Value| {
            (data["turn"], data["index"], data["path"]) = (json!(1), json!(0), json!(path));
            data["name"] = json!("publish");
            calls.hear(&message(event_type, &data))
        };
        let arguments = json!({ "inline": { "topic": "a" } });
        assert_eq!(told("TOOL_CALLED", json!({ "arguments": arguments })), None);
        let ok = told("TOOL_RESULT", json!({ "result": { "inline": 1 } }));
        assert_eq!(ok.unwrap(), r#"  3  work[2]      ⚒ publish {"topic":"a"} ok"#);
        told("TOOL_CALLED", json!({ "arguments": { "file": {} } }));
        let failed = json!({ "result": { "inline": "no such topic" }, "is_error": true });
        let failed = told("TOOL_RESULT", failed);
        assert_eq!(failed.unwrap(), "  3  work[2]      ⚒ publish … failed: no such topic");
    }
}
