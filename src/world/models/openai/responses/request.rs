//! The body of a request.

use callboard_actors::tools::Tool;
use serde_json::{Value, json};

use super::items::items;
use crate::world::models::call::Call;
use crate::world::models::openai::config::OpenAiConfig;
use crate::world::models::openai::schema::Format;

/// Where it goes.
pub(in crate::world::models::openai) const PATH: &str = "/responses";

/// The request for `call`; the configured longest answer where the call names none.
pub(in crate::world::models::openai) fn request(
    call: &Call,
    config: &OpenAiConfig,
    format: Option<Format>,
) -> Value {
    let most = if call.max_tokens == 0 { config.max_tokens } else { call.max_tokens };
    let mut body = json!({
        "model": config.model(&call.model),
        "input": items(call),
        "stream": true,
        "store": false,
        "max_output_tokens": most,
    });
    if let Some(system) = call.system.as_deref().filter(|text| !text.trim().is_empty()) {
        body["instructions"] = system.into();
    }
    if !call.tools.is_empty() {
        body["tools"] = call.tools.iter().map(offered).collect();
    }
    if let Some(Format { schema, is_strict }) = format {
        let format = json!({ "type": "json_schema", "name": "answer", "schema": schema, "strict": is_strict });
        body["text"] = json!({ "format": format });
    }
    body
}

/// A tool that may be called. Its arguments are checked here: not all schemas can be held to.
fn offered(tool: &Tool) -> Value {
    let Tool { name, description, parameters, .. } = tool;
    json!({
        "type": "function", "name": name, "description": description,
        "parameters": parameters, "strict": false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::models::openai::config::Provider;

    #[test]
    fn a_question_is_sent_with_all_that_it_is_asked_with() {
        let tool =
            json!({ "name": "look", "description": "Looks.", "parameters": { "type": "object" } });
        let call = Call {
            prompt: "and now?".to_owned(),
            system: Some("be brief".to_owned()),
            model: "gpt-5".to_owned(),
            tools: vec![serde_json::from_value(tool).unwrap()],
            max_tokens: 7,
            ..Call::default()
        };
        let format = Format { schema: json!({ "type": "object" }), is_strict: false };
        let expected = json!({
            "model": "gpt-5", "stream": true, "store": false, "max_output_tokens": 7,
            "instructions": "be brief",
            "input": [{ "role": "user", "content": "and now?" }],
            "tools": [{ "type": "function", "name": "look", "description": "Looks.",
                        "parameters": { "type": "object" }, "strict": false }],
            "text": { "format": { "type": "json_schema", "name": "answer", "strict": false,
                                  "schema": { "type": "object" } } },
        });
        assert_eq!(request(&call, &OpenAiConfig::of(Provider::Openai), Some(format)), expected);
    }
}
