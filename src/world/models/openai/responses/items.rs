//! A conversation as Responses writes it down: words, calls and results are items of their own, one behind the other.

use serde::Serialize;

use crate::world::models::call::{Call, Speaker};
use crate::world::models::conversation::{Message, Part, arguments, conversation};

/// One item.
#[derive(Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum Item {
    Words { role: &'static str, content: String },
    Other(Other),
}

/// One that is no words.
#[derive(Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Other {
    FunctionCall {
        call_id: String,
        name: String,
        /// JSON, as text.
        arguments: String,
    },
    FunctionCallOutput {
        call_id: String,
        output: String,
    },
}

/// The items of a call.
pub(super) fn items(call: &Call) -> Vec<Item> {
    conversation(call).into_iter().flat_map(parts).collect()
}

fn parts(message: Message<'_>) -> impl Iterator<Item = Item> {
    let role = match message.speaker {
        Speaker::User => "user",
        Speaker::Assistant => "assistant",
    };
    message.parts.into_iter().map(move |part| item(role, part))
}

fn item(role: &'static str, part: Part<'_>) -> Item {
    match part {
        Part::Text(text) => Item::Words { role, content: text.into_owned() },
        Part::Call(call) => Item::Other(Other::FunctionCall {
            call_id: call.id.clone(),
            name: call.name.clone(),
            arguments: arguments(call).to_string(),
        }),
        Part::Result(result) => {
            let failed = if result.is_error { "failed: " } else { "" };
            let output = format!("{failed}{}", result.text());
            Item::Other(Other::FunctionCallOutput { call_id: result.id.clone(), output })
        }
    }
}

#[cfg(test)]
mod tests {
    use callboard_actors::tools::{ToolCall, ToolResult};
    use serde_json::{json, to_value};

    use super::*;
    use crate::world::models::call::Turn;

    #[test]
    fn words_calls_and_results_follow_one_another() {
        let made = ToolCall { id: "a".into(), name: "look".into(), arguments: json!({ "at": 1 }) };
        let told = ToolResult {
            id: "a".into(),
            name: "look".into(),
            content: json!("no such place"),
            is_error: true,
        };
        let tool = json!({ "name": "look", "description": "", "parameters": {} });
        let asked = Turn { text: "Look.".into(), ..Turn::default() };
        let said = Turn {
            speaker: Speaker::Assistant,
            text: "I do.".into(),
            calls: vec![made],
            ..Turn::default()
        };
        let call = Call {
            history: vec![asked, said],
            results: vec![told],
            tools: vec![serde_json::from_value(tool).unwrap()],
            ..Call::default()
        };
        let expected = json!([
            { "role": "user", "content": "Look." },
            { "role": "assistant", "content": "I do." },
            { "type": "function_call", "call_id": "a", "name": "look", "arguments": "{\"at\":1}" },
            { "type": "function_call_output", "call_id": "a", "output": "failed: no such place" },
        ]);
        assert_eq!(to_value(items(&call)).unwrap(), expected);
    }
}
