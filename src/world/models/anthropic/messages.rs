//! A conversation as the API wants it: what a model called stands right before what it was told of that, or the whole
//! request is refused.
//!
//! Conversations are shared: another asker's turn may stand between a call and its result, a call may never have got
//! one, and whoever goes on may have no tools. What does not stand as it has to is told in words.

use callboard_actors::tools::{ToolCall, ToolResult};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::world::models::call::{Call, Speaker, Turn};

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
        text: String,
    },
    ToolUse {
        id: &'a str,
        name: &'a str,
        input: Value,
    },
    ToolResult {
        tool_use_id: &'a str,
        content: String,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        is_error: bool,
    },
}

/// The messages of a call. Turns that say nothing are left out, since the API refuses them and an answer may well
/// have been empty.
pub(super) fn messages(call: &Call) -> Vec<Message<'_>> {
    let Call { prompt, results, history, tools, .. } = call;
    let mut messages = Vec::with_capacity(history.len() + 1);
    let mut made: &[ToolCall] = &[];
    for (at, turn) in history.iter().enumerate() {
        let told = history.get(at + 1).map_or(results.as_slice(), |next| &next.results);
        let is_paired = !tools.is_empty() && pair(&turn.calls, told);
        messages.extend(match turn.speaker {
            Speaker::User => asked(&turn.text, &turn.results, made),
            Speaker::Assistant => said(turn, is_paired),
        });
        made = if is_paired { &turn.calls } else { &[] };
    }
    messages.extend(asked(prompt, results, made));
    messages
}

/// Whether each call has its result, and each result its call.
fn pair(calls: &[ToolCall], results: &[ToolResult]) -> bool {
    let has = |call: &ToolCall| results.iter().any(|result| result.id == call.id);
    calls.len() == results.len() && calls.iter().all(has)
}

fn asked<'a>(text: &'a str, results: &'a [ToolResult], made: &[ToolCall]) -> Option<Message<'a>> {
    let is_paired = !made.is_empty();
    let blocks = results.iter().map(|result| told(result, is_paired)).collect();
    message("user", text, blocks, false)
}

fn told(result: &ToolResult, is_paired: bool) -> Block<'_> {
    let ToolResult { id, name, is_error, .. } = result;
    let content = result.text();
    if is_paired {
        return Block::ToolResult { tool_use_id: id, content, is_error: *is_error };
    }
    let how = if *is_error { "failed" } else { "gave" };
    Block::Text { text: format!("[the tool {name} {how}: {content}]") }
}

fn said(turn: &Turn, is_paired: bool) -> Option<Message<'_>> {
    let blocks = turn.calls.iter().map(|call| called(call, is_paired)).collect();
    message("assistant", &turn.text, blocks, true)
}

fn called(call: &ToolCall, is_paired: bool) -> Block<'_> {
    let ToolCall { id, name, arguments } = call;
    if !is_paired {
        return Block::Text { text: format!("[called the tool {name} with {arguments}]") };
    }
    // Nothing but an object is taken.
    let input = match arguments {
        Value::Object(_) => arguments.clone(),
        other => Value::Object(Map::from_iter([("unreadable".to_owned(), other.clone())])),
    };
    Block::ToolUse { id, name, input }
}

/// Text stands before calls and behind results.
fn message<'a>(
    role: &'static str,
    text: &'a str,
    mut blocks: Vec<Block<'a>>,
    text_first: bool,
) -> Option<Message<'a>> {
    let has_text = !text.trim().is_empty();
    if blocks.is_empty() {
        return has_text.then_some(Message { role, content: Content::Text(text) });
    }
    if has_text {
        let place = if text_first { 0 } else { blocks.len() };
        blocks.insert(place, Block::Text { text: text.to_owned() });
    }
    Some(Message { role, content: Content::Blocks(blocks) })
}

#[cfg(test)]
mod tests {
    use callboard_actors::tools::Tool;
    use serde_json::{json, to_value};

    use super::*;

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
