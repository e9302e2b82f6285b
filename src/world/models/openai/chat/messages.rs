//! A conversation as Chat Completions writes it down. Neighbours of the same side become one message: Perplexity takes
//! nothing else, and nobody minds.

use serde::Serialize;

use crate::world::models::call::{Call, Speaker};
use crate::world::models::conversation::{Message, Part, arguments, conversation};

/// One message.
#[derive(Debug, PartialEq, Serialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub(super) enum Said {
    System {
        content: String,
    },
    User {
        content: String,
    },
    Assistant {
        content: Option<String>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        tool_calls: Vec<Called>,
    },
    Tool {
        tool_call_id: String,
        content: String,
    },
}

/// A call of a tool.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Called {
    id: String,
    r#type: &'static str,
    function: Function,
}

#[derive(Debug, PartialEq, Serialize)]
struct Function {
    name: String,
    /// JSON, as text.
    arguments: String,
}

/// The messages of a call, its standing instructions first.
pub(super) fn messages(call: &Call) -> Vec<Said> {
    let system = call.system.as_ref().filter(|text| !text.trim().is_empty());
    let system = system.map(|text| Said::System { content: text.clone() });
    let mut messages: Vec<Said> = system.into_iter().collect();
    for message in conversation(call) {
        match message.speaker {
            Speaker::User => user(message, &mut messages),
            Speaker::Assistant => messages.push(assistant(message)),
        }
    }
    messages.into_iter().fold(Vec::new(), join)
}

/// Results stand for themselves, right behind their calls.
fn user(message: Message<'_>, messages: &mut Vec<Said>) {
    let mut words = Vec::new();
    for part in message.parts {
        match part {
            Part::Result(result) => {
                let failed = if result.is_error { "failed: " } else { "" };
                let content = format!("{failed}{}", result.text());
                messages.push(Said::Tool { tool_call_id: result.id.clone(), content });
            }
            Part::Text(text) => words.push(text.into_owned()),
            Part::Call(_) => {}
        }
    }
    if !words.is_empty() {
        messages.push(Said::User { content: words.join("\n\n") });
    }
}

fn assistant(message: Message<'_>) -> Said {
    let (mut words, mut tool_calls) = (Vec::new(), Vec::new());
    for part in message.parts {
        match part {
            Part::Call(call) => {
                let (name, arguments) = (call.name.clone(), arguments(call).to_string());
                let function = Function { name, arguments };
                tool_calls.push(Called { id: call.id.clone(), r#type: "function", function });
            }
            Part::Text(text) => words.push(text.into_owned()),
            Part::Result(_) => {}
        }
    }
    let content = (!words.is_empty()).then(|| words.join("\n\n"));
    Said::Assistant { content, tool_calls }
}

/// With the message before it, where both are words of the same side.
fn join(mut messages: Vec<Said>, next: Said) -> Vec<Said> {
    match (messages.last_mut(), next) {
        (Some(Said::User { content: before }), Said::User { content }) => {
            before.push_str("\n\n");
            before.push_str(&content);
        }
        (
            Some(Said::Assistant { content: Some(before), tool_calls: made }),
            Said::Assistant { content: Some(content), tool_calls },
        ) if made.is_empty() => {
            before.push_str("\n\n");
            before.push_str(&content);
            *made = tool_calls;
        }
        (_, next) => messages.push(next),
    }
    messages
}

#[cfg(test)]
mod tests {
    use callboard_actors::tools::{Tool, ToolCall, ToolResult};
    use serde_json::{Value, json, to_value};

    use super::*;
    use crate::world::models::call::Turn;

    fn call(id: &str) -> ToolCall {
        ToolCall { id: id.into(), name: "look".into(), arguments: json!({ "at": id }) }
    }

    fn result(id: &str, is_error: bool) -> ToolResult {
        let content = if is_error { json!("no such place") } else { json!({ "seen": id }) };
        ToolResult { id: id.into(), name: "look".into(), content, is_error }
    }

    fn user(text: &str, results: Vec<ToolResult>) -> Turn {
        Turn { text: text.into(), results, ..Turn::default() }
    }

    fn model(text: &str, calls: Vec<ToolCall>) -> Turn {
        Turn { speaker: Speaker::Assistant, text: text.into(), calls, ..Turn::default() }
    }

    fn sent(call: &Call) -> Value {
        to_value(messages(call)).unwrap()
    }

    #[test]
    fn calls_stand_right_before_their_results() {
        let tool: Tool =
            serde_json::from_value(json!({ "name": "look", "description": "", "parameters": {} }))
                .unwrap();
        let odd = ToolCall { arguments: json!("{\"at\":"), ..call("c") };
        let call = Call {
            history: vec![
                user("Look.", vec![]),
                model("I do.", vec![call("a"), call("b")]),
                user("", vec![result("a", false), result("b", true)]),
                model("", vec![odd]),
            ],
            results: vec![result("c", false)],
            tools: vec![tool],
            ..Call::default()
        };
        let made = |id: &str, arguments: &str| json!({ "id": id, "type": "function", "function": { "name": "look", "arguments": arguments } });
        let told = |id: &str, content: &str| json!({ "role": "tool", "tool_call_id": id, "content": content });
        let expected = json!([
            { "role": "user", "content": "Look." },
            { "role": "assistant", "content": "I do.",
              "tool_calls": [made("a", "{\"at\":\"a\"}"), made("b", "{\"at\":\"b\"}")] },
            told("a", "{\"seen\":\"a\"}"),
            told("b", "failed: no such place"),
            { "role": "assistant", "content": null,
              "tool_calls": [made("c", "{\"unreadable\":\"{\\\"at\\\":\"}")] },
            told("c", "{\"seen\":\"c\"}"),
        ]);
        assert_eq!(sent(&call), expected);
    }

    #[test]
    fn neighbours_of_one_side_are_one_message() {
        let call = Call {
            history: vec![user("One.", vec![]), model("", vec![]), user("Two.", vec![])],
            prompt: "Three.".to_owned(),
            ..Call::default()
        };
        assert_eq!(sent(&call), json!([{ "role": "user", "content": "One.\n\nTwo.\n\nThree." }]));
        let words = Call {
            history: vec![model("Done.", vec![call_of_old()]), user("", vec![result("a", false)])],
            ..Call::default()
        };
        let sent = sent(&words).to_string();
        assert!(!sent.contains("tool_calls") && sent.contains("[the tool look gave: "), "{sent}");
    }

    fn call_of_old() -> ToolCall {
        call("a")
    }
}
