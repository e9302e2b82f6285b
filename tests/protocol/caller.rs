//! A caller as the process runner is one: it retries as the failures tell it to.

use std::time::Duration;

use callboard::world::models::{
    Answer, Anthropic, AnthropicConfig, Api, Call, Failure, FailureKind, Model, OpenAi,
    OpenAiConfig, Provider, Secret, Speaker, Turn,
};
use callboard_actors::tools::{ToolCall, ToolResult};
use serde_json::json;

/// The key that is sent; no message may ever show it.
pub(crate) const KEY: &str = "sk-ant-a-key-nobody-may-see";

/// The longest silence our client bears in these tests.
pub(crate) const READ_TIMEOUT: Duration = Duration::from_millis(1500);

/// Three attempts in all.
const ATTEMPTS: u32 = 3;

/// The first wait where the server names none; each next one is twice as long.
const BACKOFF: Duration = Duration::from_millis(150);

/// A client of the Messages API at `base_url`.
pub(crate) fn anthropic(base_url: String) -> Anthropic {
    let config = AnthropicConfig {
        api_key: Some(Secret::new(KEY)),
        base_url,
        read_timeout: READ_TIMEOUT,
        ..AnthropicConfig::default()
    };
    Anthropic::new(config).unwrap()
}

/// How an API like `OpenAI`'s at `base_url` is reached.
pub(crate) fn like_openai(provider: Provider, api: Api, base_url: String) -> OpenAiConfig {
    OpenAiConfig {
        api,
        api_key: Some(Secret::new(KEY)),
        base_url,
        read_timeout: READ_TIMEOUT,
        ..OpenAiConfig::of(provider)
    }
}

/// A client of it.
pub(crate) fn openai(provider: Provider, api: Api, base_url: String) -> OpenAi {
    OpenAi::new(like_openai(provider, api, base_url)).unwrap()
}

/// A question to a model that may call a tool.
pub(crate) fn with_a_tool(text: &str) -> Call {
    let look = json!({
        "name": "look", "description": "Looks.",
        "parameters": { "type": "object", "properties": { "at": { "type": "string" } } },
    });
    Call { tools: vec![serde_json::from_value(look).unwrap()], ..prompt(text) }
}

/// What each of a model's calls came to.
pub(crate) fn seen(calls: &[ToolCall]) -> Vec<ToolResult> {
    let told = |call: &ToolCall| ToolResult {
        id: call.id.clone(),
        name: call.name.clone(),
        content: json!({ "seen": call.arguments["at"] }),
        is_error: false,
    };
    calls.iter().map(told).collect()
}

/// The next call: what the model called in answer to `first` came to this.
pub(crate) fn told(first: Call, calls: Vec<ToolCall>) -> Call {
    let asked = Turn { text: first.prompt.clone(), ..Turn::default() };
    let results = seen(&calls);
    let said = Turn { speaker: Speaker::Assistant, calls, ..Turn::default() };
    Call { prompt: String::new(), results, history: vec![asked, said], ..first }
}

pub(crate) fn prompt(text: &str) -> Call {
    Call { prompt: text.to_owned(), model: "opus".to_owned(), ..Call::default() }
}

/// Asks once; the text that streamed comes back beside the outcome.
pub(crate) async fn once(model: &impl Model, text: &str) -> (Result<Answer, Failure>, String) {
    let mut output = String::new();
    let result = model.call(prompt(text), &mut output).await;
    if let Err(failure) = &result {
        assert!(!failure.message.contains(KEY), "the key shows in: {failure}");
    }
    (result, output)
}

/// Asks until there is an answer, a failure that no retry can mend, or no attempt left. The kinds
/// of all failures that were met on the way come back beside the outcome.
pub(crate) async fn patiently(
    model: &impl Model,
    text: &str,
) -> (Result<Answer, Failure>, Vec<FailureKind>) {
    let mut met = Vec::new();
    for attempt in 1.. {
        let (result, _) = once(model, text).await;
        met.extend(result.as_ref().err().map(|failure| failure.kind));
        match result {
            Err(failure) if failure.is_retryable() && attempt < ATTEMPTS => {
                let backoff = BACKOFF * 2u32.pow(attempt - 1);
                tokio::time::sleep(failure.retry_after.unwrap_or(backoff)).await;
            }
            settled => return (settled, met),
        }
    }
    unreachable!("the last attempt settles it")
}

/// What a failure says, without the server's own name of the request.
pub(crate) fn without_request(message: &str) -> String {
    let Some((before, behind)) = message.split_once(", request ") else { return message.into() };
    format!(
        "{before}{}",
        behind.split_once(' ').map_or(String::new(), |(_, rest)| format!(" {rest}"))
    )
}
