//! The body of a request.

use callboard_actors::tools::Tool;
use serde_json::{Value, json};

use super::messages::messages;
use crate::world::models::call::Call;
use crate::world::models::openai::config::{OpenAiConfig, Provider};
use crate::world::models::openai::schema::Format;

/// Where it goes.
pub(in crate::world::models::openai) const PATH: &str = "/chat/completions";

/// The request for `call`; the configured longest answer where the call names none.
pub(in crate::world::models::openai) fn request(
    call: &Call,
    config: &OpenAiConfig,
    format: Option<Format>,
) -> Value {
    let provider = config.provider;
    let mut body = json!({
        "model": config.model(&call.model),
        "messages": messages(call),
        "stream": true,
    });
    let most = if call.max_tokens == 0 { config.max_tokens } else { call.max_tokens };
    // What others still call by the name that OpenAI has given up.
    let longest = match provider {
        Provider::Openai => "max_completion_tokens",
        Provider::Perplexity | Provider::Compatible => "max_tokens",
    };
    body[longest] = most.into();
    // Perplexity counts by itself.
    if provider != Provider::Perplexity {
        body["stream_options"] = json!({ "include_usage": true });
    }
    if !call.tools.is_empty() {
        body["tools"] = call.tools.iter().map(offered).collect();
    }
    if let Some(format) = format {
        body["response_format"] =
            json!({ "type": "json_schema", "json_schema": named(format, provider) });
    }
    body
}

/// A tool that may be called.
fn offered(tool: &Tool) -> Value {
    let Tool { name, description, parameters, .. } = tool;
    let function = json!({ "name": name, "description": description, "parameters": parameters });
    json!({ "type": "function", "function": function })
}

/// Perplexity takes nothing but the schema.
fn named(Format { schema, is_strict }: Format, provider: Provider) -> Value {
    match provider {
        Provider::Perplexity => json!({ "schema": schema }),
        Provider::Openai | Provider::Compatible => {
            json!({ "name": "answer", "schema": schema, "strict": is_strict })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::models::call::{Speaker, Turn};

    fn call() -> Call {
        let tool =
            json!({ "name": "look", "description": "Looks.", "parameters": { "type": "object" } });
        let turn = |speaker, text: &str| Turn { speaker, text: text.into(), ..Turn::default() };
        Call {
            prompt: "and now?".to_owned(),
            history: vec![turn(Speaker::User, "hello"), turn(Speaker::Assistant, "good day")],
            system: Some("be brief".to_owned()),
            model: "sonnet".to_owned(),
            tools: vec![serde_json::from_value(tool).unwrap()],
            ..Call::default()
        }
    }

    #[test]
    fn a_conversation_is_sent_in_order_and_ends_with_the_prompt() {
        let schema = json!({ "type": "object" });
        let format = Format { schema: schema.clone(), is_strict: true };
        let function =
            json!({ "name": "look", "description": "Looks.", "parameters": { "type": "object" } });
        let expected = json!({
            "model": "gpt-6-sol", "stream": true, "stream_options": { "include_usage": true },
            "max_completion_tokens": 8192,
            "tools": [{ "type": "function", "function": function }],
            "response_format": { "type": "json_schema", "json_schema": {
                "name": "answer", "strict": true, "schema": schema } },
            "messages": [
                { "role": "system", "content": "be brief" },
                { "role": "user", "content": "hello" },
                { "role": "assistant", "content": "good day" },
                { "role": "user", "content": "and now?" },
            ],
        });
        let config = OpenAiConfig::of(Provider::Openai);
        assert_eq!(request(&call(), &config, Some(format)), expected);
    }

    #[test]
    fn perplexity_is_sent_only_what_it_takes() {
        let format = Format { schema: json!({ "type": "object" }), is_strict: true };
        let call = Call { tools: Vec::new(), max_tokens: 7, ..call() };
        let body = request(&call, &OpenAiConfig::of(Provider::Perplexity), Some(format));
        assert_eq!(
            body["response_format"]["json_schema"],
            json!({ "schema": { "type": "object" } })
        );
        assert_eq!((&body["max_tokens"], &body["model"]), (&json!(7), &json!("sonar")));
        assert!(body.get("stream_options").is_none() && body.get("tools").is_none(), "{body}");
    }
}
