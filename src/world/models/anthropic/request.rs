//! The body of a request.

use callboard_actors::tools::Tool;
use serde::Serialize;
use serde_json::Value;

use super::aliases::full_model_id;
use super::messages::{Message, messages};
use crate::world::models::call::Call;

/// What is sent to `/v1/messages`.
#[derive(Serialize)]
pub(super) struct Request<'a> {
    model: &'a str,
    max_tokens: u32,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Offered<'a>>,
    messages: Vec<Message<'a>>,
}

/// A tool that may be called.
#[derive(Serialize)]
struct Offered<'a> {
    name: &'a str,
    description: &'a str,
    input_schema: &'a Value,
}

impl<'a> Request<'a> {
    /// The request for `call`; `max_tokens` where the call names no limit.
    pub(super) fn new(call: &'a Call, max_tokens: u32) -> Self {
        Self {
            model: full_model_id(&call.model),
            max_tokens: if call.max_tokens == 0 { max_tokens } else { call.max_tokens },
            stream: true,
            system: call.system.as_deref().filter(|text| !text.trim().is_empty()),
            tools: call.tools.iter().map(Offered::from).collect(),
            messages: messages(call),
        }
    }
}

impl<'a> From<&'a Tool> for Offered<'a> {
    fn from(tool: &'a Tool) -> Self {
        let Tool { name, description, parameters: input_schema, .. } = tool;
        Self { name, description, input_schema }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, to_value};

    use super::*;
    use crate::world::models::call::{Speaker, Turn};

    fn turn(speaker: Speaker, text: &str) -> Turn {
        Turn { speaker, text: text.to_owned(), ..Turn::default() }
    }

    #[test]
    fn a_conversation_is_sent_in_order_and_ends_with_the_prompt() {
        let tool =
            json!({ "name": "look", "description": "Looks.", "parameters": { "type": "object" } });
        let call = Call {
            prompt: "and now?".to_owned(),
            history: vec![turn(Speaker::User, "hello"), turn(Speaker::Assistant, "good day")],
            system: Some("be brief".to_owned()),
            model: "sonnet".to_owned(),
            role: Some("reviewer".to_owned()),
            max_tokens: 7,
            tools: vec![serde_json::from_value(tool).unwrap()],
            ..Call::default()
        };
        let expected = json!({
            "model": "claude-sonnet-5-5", "max_tokens": 7, "stream": true, "system": "be brief",
            "tools": [{"name": "look", "description": "Looks.", "input_schema": {"type": "object"}}],
            "messages": [
                {"role": "user", "content": "hello"},
                {"role": "assistant", "content": "good day"},
                {"role": "user", "content": "and now?"},
            ],
        });
        assert_eq!(to_value(Request::new(&call, 8192)).unwrap(), expected);
    }

    #[test]
    fn empty_turns_are_left_out_and_the_default_limit_is_filled_in() {
        let call = Call {
            prompt: "go on".to_owned(),
            history: vec![turn(Speaker::Assistant, " \n")],
            model: "m".to_owned(),
            ..Call::default()
        };
        let expected = json!({
            "model": "m", "max_tokens": 8192, "stream": true,
            "messages": [{"role": "user", "content": "go on"}],
        });
        assert_eq!(to_value(Request::new(&call, 8192)).unwrap(), expected);
    }
}
