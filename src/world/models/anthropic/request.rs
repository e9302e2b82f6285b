//! The body of a request.

use serde::Serialize;

use super::aliases::full_model_id;
use crate::world::models::call::{Call, Speaker};

/// What is sent to `/v1/messages`.
#[derive(Serialize)]
pub(super) struct Request<'a> {
    model: &'a str,
    max_tokens: u32,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<&'a str>,
    messages: Vec<Message<'a>>,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: &'a str,
}

impl<'a> Request<'a> {
    /// The request for `call`; `max_tokens` where the call names no limit. Turns without text are
    /// left out, since the API refuses them and an answer may well have been empty.
    pub(super) fn new(call: &'a Call, max_tokens: u32) -> Self {
        let history = call.history.iter().map(|turn| (turn.speaker, turn.text.as_str()));
        let spoken = history.filter(|(_, text)| !text.trim().is_empty());
        let prompt = std::iter::once((Speaker::User, call.prompt.as_str()));
        Self {
            model: full_model_id(&call.model),
            max_tokens: if call.max_tokens == 0 { max_tokens } else { call.max_tokens },
            stream: true,
            system: call.system.as_deref().filter(|text| !text.trim().is_empty()),
            messages: spoken.chain(prompt).map(Message::from).collect(),
        }
    }
}

impl<'a> From<(Speaker, &'a str)> for Message<'a> {
    fn from((speaker, content): (Speaker, &'a str)) -> Self {
        let role = match speaker {
            Speaker::User => "user",
            Speaker::Assistant => "assistant",
        };
        Self { role, content }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{json, to_value};

    use super::*;
    use crate::world::models::call::Turn;

    fn turn(speaker: Speaker, text: &str) -> Turn {
        Turn { speaker, text: text.to_owned() }
    }

    #[test]
    fn a_conversation_is_sent_in_order_and_ends_with_the_prompt() {
        let call = Call {
            prompt: "and now?".to_owned(),
            history: vec![turn(Speaker::User, "hello"), turn(Speaker::Assistant, "good day")],
            system: Some("be brief".to_owned()),
            model: "sonnet".to_owned(),
            role: Some("reviewer".to_owned()),
            max_tokens: 7,
        };
        let expected = json!({
            "model": "claude-sonnet-5-5", "max_tokens": 7, "stream": true, "system": "be brief",
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
