//! Asking Claude.

use callboard_actors::processes::{Charge, Told};
use futures::future::{FutureExt, LocalBoxFuture};
use reqwest::RequestBuilder;

use super::aliases::full_model_id;
use super::config::AnthropicConfig;
use super::request::Request;
use super::stream::{self, Growing};
use crate::world::models::call::{Answer, Call, Model, Output, Usage};
use crate::world::models::endpoint::{Endpoint, Patience};
use crate::world::models::failure::Failure;
use crate::world::models::refusal;
use crate::world::models::secret::Secret;
use crate::world::models::vendor::Vendor;

/// The version of the API that the events are read by.
const API_VERSION: &str = "2023-06-01";

/// Claude, over the Messages API. Its connections are kept and shared by concurrent calls.
#[derive(Debug)]
pub struct Anthropic {
    config: AnthropicConfig,
    endpoint: Endpoint,
}

impl Anthropic {
    /// Prepares a client; nothing is sent yet. Fails as rejected when TLS cannot
    /// be set up, as on a machine without root certificates.
    pub fn new(config: AnthropicConfig) -> Result<Self, Failure> {
        let vendor = Vendor::new("anthropic", Some("ANTHROPIC_API_KEY"), "anthropic");
        let patience = Patience { read: config.read_timeout, connect: config.connect_timeout };
        let endpoint = Endpoint::new(vendor, &config.base_url, patience)?;
        Ok(Self { config, endpoint })
    }

    /// What a call may cost at most where so many tokens go in: its answer may be as long as is configured. `None`: the
    /// model's price is not known.
    pub fn estimate(&self, model: &str, tokens_in: u64) -> (Usage, Option<f64>) {
        let usage = Usage::new(tokens_in, self.config.max_tokens.into());
        (usage, self.config.prices.cost(full_model_id(model), usage))
    }

    async fn ask(&self, call: Call, output: &mut dyn Output) -> Result<Answer, Failure> {
        let key = self.config.api_key.as_ref().filter(|key| !key.is_empty());
        let key = key.ok_or_else(|| refusal::no_key(&self.endpoint.vendor, "Anthropic"))?;
        let mut answer = Growing::default();
        let ended = self.exchange(&call, key, &mut answer, output).await;
        ended.map_err(|failure| {
            let charge = self.charge(&answer).unwrap_or(failure.charge);
            Endpoint::hide(Some(key), Failure { charge, ..failure })
        })?;
        let usage = answer.usage();
        Ok(Answer {
            cost_usd: self.config.prices.cost(&answer.model, usage),
            calls: answer.calls(),
            text: answer.text,
            model: answer.model,
            stop_reason: answer.stop_reason,
            usage,
            label: None,
            sources: Vec::new(),
        })
    }

    async fn exchange(
        &self,
        call: &Call,
        key: &Secret,
        answer: &mut Growing,
        output: &mut dyn Output,
    ) -> Result<(), Failure> {
        let events = self.endpoint.events(self.request(call, key)?).await?;
        stream::read(events, answer, output).await
    }

    /// What a call has cost that failed in the middle of its answer.
    fn charge(&self, answer: &Growing) -> Option<Charge> {
        Some(match answer.charge()? {
            Charge::Told(told) => {
                let cost_usd = self.config.prices.cost(&answer.model, answer.usage());
                Charge::Told(Told { cost_usd, ..told })
            }
            unpriced => unpriced,
        })
    }

    fn request(&self, call: &Call, key: &Secret) -> Result<RequestBuilder, Failure> {
        let key = self.endpoint.header(key.reveal())?;
        let request = self.endpoint.post("/v1/messages").header("x-api-key", key);
        let request = request.header("anthropic-version", API_VERSION);
        Ok(request.json(&Request::new(call, self.config.max_tokens)))
    }
}

impl Model for Anthropic {
    fn call<'a>(
        &'a self,
        call: Call,
        output: &'a mut dyn Output,
    ) -> LocalBoxFuture<'a, Result<Answer, Failure>> {
        self.ask(call, output).boxed_local()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::models::failure::FailureKind;

    fn anthropic(key: Option<&str>, base_url: &str) -> Anthropic {
        let config = AnthropicConfig {
            api_key: key.map(Secret::new),
            base_url: base_url.to_owned(),
            ..AnthropicConfig::default()
        };
        Anthropic::new(config).unwrap()
    }

    async fn failure(model: &Anthropic) -> Failure {
        model.call(Call::default(), &mut String::new()).await.unwrap_err()
    }

    #[tokio::test]
    async fn without_a_key_nothing_is_sent() {
        for key in [None, Some(""), Some("  ")] {
            let failure = failure(&anthropic(key, "http://127.0.0.1:1")).await;
            assert_eq!(failure.kind, FailureKind::Unauthorized);
            assert!(failure.message.contains("ANTHROPIC_API_KEY"), "{failure}");
        }
    }

    #[tokio::test]
    async fn nobody_at_the_door_is_unreachable() {
        let failure = failure(&anthropic(Some("k"), "http://127.0.0.1:1/")).await;
        assert_eq!(failure.kind, FailureKind::Unreachable);
        assert!(
            failure.message.starts_with("failed to connect to http://127.0.0.1:1"),
            "{failure}"
        );
    }

    #[tokio::test]
    async fn an_address_or_a_key_that_cannot_be_used_is_named() {
        assert_eq!(failure(&anthropic(Some("k"), "nonsense")).await.kind, FailureKind::Rejected);
        assert_eq!(
            failure(&anthropic(Some("a\nb"), "http://x")).await.kind,
            FailureKind::Unauthorized
        );
    }

    #[test]
    fn the_key_does_not_show_in_debug_output() {
        assert!(!format!("{:?}", anthropic(Some("sk-ant-1"), "http://x")).contains("sk-ant-1"));
    }
}
