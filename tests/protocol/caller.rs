//! A caller as the process runner is one: it retries as the failures tell it to.

use std::time::Duration;

use callboard::world::models::{
    Answer, Anthropic, AnthropicConfig, Call, Failure, FailureKind, Model, Secret,
};

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
