//! A conversation as the Messages API writes it down.

use std::borrow::Cow;

use callboard_actors::tools::ToolResult;
use serde::Serialize;
use serde_json::Value;

use crate::world::models::call::{Call, Speaker};
use crate::world::models::conversation::{self, Part, arguments, conversation};

/// One message.
#[derive(Serialize)]
pub(super) struct Message<'a> {
    role: &'static str,
    content: Content<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Text(&'a str),
    Blocks(Vec<Block<'a>>),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block<'a> {
    Text {
        text: Cow<'a, str>,
    },
    ToolUse {
        id: &'a str,
        name: &'a str,
        input: Cow<'a, Value>,
    },
    ToolResult {
        tool_use_id: &'a str,
        content: String,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        is_error: bool,
    },
}

/// The messages of a call.
pub(super) fn messages(call: &Call) -> Vec<Message<'_>> {
    conversation(call).into_iter().map(message).collect()
}

fn message(message: conversation::Message<'_>) -> Message<'_> {
    let role = match message.speaker {
        Speaker::User => "user",
        Speaker::Assistant => "assistant",
    };
    let content = match message.parts.as_slice() {
        [Part::Text(Cow::Borrowed(text))] => Content::Text(text),
        _ => Content::Blocks(message.parts.into_iter().map(block).collect()),
    };
    Message { role, content }
}

fn block(part: Part<'_>) -> Block<'_> {
    match part {
        Part::Text(text) => Block::Text { text },
        Part::Call(call) => {
            Block::ToolUse { id: &call.id, name: &call.name, input: arguments(call) }
        }
        Part::Result(result) => {
            let ToolResult { id, is_error, .. } = result;
            let content = result.text();
            Block::ToolResult { tool_use_id: id, content, is_error: *is_error }
        }
    }
}

#[cfg(test)]
mod tests {
    use callboard_actors::tools::{Tool, ToolCall};
    use serde_json::{json, to_value};

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
        let speaker = Speaker::Assistant;
        Turn { speaker, text: text.into(), calls, ..Turn::default() }
    }

    fn tool() -> Tool {
        let tool = json!({ "name": "look", "description": "", "parameters": {} });
        serde_json::from_value(tool).unwrap()
    }

    fn sent(call: &Call) -> Value {
        to_value(messages(call)).unwrap()
    }

    #[test]
    fn calls_stand_right_before_their_results() {
        let call = Call {
            history: vec![
                user("Look.", vec![]),
                model("I do.", vec![call("a"), call("b")]),
                user("", vec![result("a", false), result("b", true)]),
                model("", vec![call("c")]),
            ],
            results: vec![result("c", false)],
            tools: vec![tool()],
            ..Call::default()
        };
        let used = |id: &str| json!({ "type": "tool_use", "id": id, "name": "look", "input": { "at": id } });
        let seen = |id: &str| json!({ "type": "tool_result", "tool_use_id": id, "content": format!("{{\"seen\":\"{id}\"}}") });
        let failed = json!({ "type": "tool_result", "tool_use_id": "b", "content": "no such place", "is_error": true });
        let said = json!({ "type": "text", "text": "I do." });
        let expected = json!([
            { "role": "user", "content": "Look." },
            { "role": "assistant", "content": [said, used("a"), used("b")] },
            { "role": "user", "content": [seen("a"), failed] },
            { "role": "assistant", "content": [used("c")] },
            { "role": "user", "content": [seen("c")] },
        ]);
        assert_eq!(sent(&call), expected);
    }

    #[test]
    fn what_does_not_stand_as_it_has_to_is_told_in_words() {
        let history = vec![
            user("Look.", vec![]),
            model("", vec![call("a")]),
            user("Something else.", vec![]),
            model("Yes?", vec![]),
        ];
        let strayed = Call {
            history: history.clone(),
            results: vec![result("a", false)],
            tools: vec![tool()],
            ..Call::default()
        };
        let text = |text: &str| json!([{ "type": "text", "text": text }]);
        let expected = json!([
            { "role": "user", "content": "Look." },
            { "role": "assistant", "content": text("[called the tool look with {\"at\":\"a\"}]") },
            { "role": "user", "content": "Something else." },
            { "role": "assistant", "content": "Yes?" },
            { "role": "user", "content": text("[the tool look gave: {\"seen\":\"a\"}]") },
        ]);
        assert_eq!(sent(&strayed), expected);
        let without_tools = Call {
            history: history[..2].to_vec(),
            results: vec![result("a", true)],
            ..Call::default()
        };
        let sent = sent(&without_tools).to_string();
        assert!(!sent.contains("tool_use") && sent.contains("failed: no such place"), "{sent}");
    }

    #[test]
    fn arguments_that_were_no_object_are_sent_as_one() {
        let odd = ToolCall { arguments: json!("{\"at\":"), ..call("a") };
        let call = Call {
            history: vec![model("", vec![odd])],
            results: vec![result("a", true)],
            tools: vec![tool()],
            ..Call::default()
        };
        let input = &sent(&call)[0]["content"][0]["input"];
        assert_eq!(*input, json!({ "unreadable": "{\"at\":" }));
    }
}
