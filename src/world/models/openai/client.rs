//! Asking.

use futures::future::{FutureExt, LocalBoxFuture};
use reqwest::RequestBuilder;
use serde_json::Value;

use super::config::{Api, OpenAiConfig, Provider};
use super::grown::Grown;
use super::schema::Format;
use super::{chat, responses};
use crate::world::models::call::{Answer, Call, Model, Output, Usage};
use crate::world::models::endpoint::{Endpoint, Patience};
use crate::world::models::failure::{Failure, FailureKind};
use crate::world::models::refusal;
use crate::world::models::secret::Secret;

/// What a refusal names that is about the form which the answer was to have.
const ABOUT_THE_FORM: [&str; 5] =
    ["response_format", "text.format", "json_schema", "Invalid schema", "structured output"];

/// Models over an API like `OpenAI`'s. Its connections are kept and shared by concurrent calls.
#[derive(Debug)]
pub struct OpenAi {
    config: OpenAiConfig,
    endpoint: Endpoint,
}

impl OpenAi {
    /// Prepares a client; nothing is sent yet. Fails as rejected when TLS cannot
    /// be set up, as on a machine without root certificates.
    pub fn new(config: OpenAiConfig) -> Result<Self, Failure> {
        let patience = Patience { read: config.read_timeout, connect: config.connect_timeout };
        let endpoint = Endpoint::new(config.vendor(), &config.base_url, patience)?;
        Ok(Self { config, endpoint })
    }

    /// How it is reached.
    pub(crate) fn config(&self) -> &OpenAiConfig {
        &self.config
    }

    /// Whether it can be asked: it has its key, or needs none.
    pub(crate) fn is_ready(&self) -> bool {
        let has_key = self.config.api_key.as_ref().is_some_and(|key| !key.is_empty());
        has_key || !self.config.needs_key()
    }

    /// What a call may cost at most where so many tokens go in: its answer may be as long as is configured. `None`: the
    /// model's price is not known.
    pub fn estimate(&self, model: &str, tokens_in: u64) -> (Usage, Option<f64>) {
        let usage = Usage::new(tokens_in, self.config.max_tokens.into());
        (usage, self.config.prices.cost(self.config.model(model), usage))
    }

    async fn ask(&self, call: Call, output: &mut dyn Output) -> Result<Answer, Failure> {
        self.check_tools(&call)?;
        let key = self.config.api_key.as_ref().filter(|key| !key.is_empty());
        if key.is_none() && self.config.needs_key() {
            let vendor = &self.endpoint.vendor;
            return Err(refusal::no_key(vendor, &vendor.name));
        }
        let mut grown = Grown::default();
        let ended = self.exchange(&call, key, &mut grown, output).await;
        let charge = grown.charge(&self.config.prices);
        let charged =
            |failure: Failure| Failure { charge: charge.unwrap_or(failure.charge), ..failure };
        ended.map_err(|failure| Endpoint::hide(key, charged(failure)))?;
        let (vendor, has_form) = (&self.endpoint.vendor.name, call.schema.is_some());
        grown.answer(vendor, &self.config.prices, has_form).map_err(charged)
    }

    /// Asks; and once more without the form of the answer, where that was refused: whoever asks checks it all the same.
    /// Nothing was answered then, and nothing paid.
    async fn exchange(
        &self,
        call: &Call,
        key: Option<&Secret>,
        grown: &mut Grown,
        output: &mut dyn Output,
    ) -> Result<(), Failure> {
        let format = call.schema.as_ref().and_then(Format::of);
        let has_format = format.is_some();
        match self.exchange_once(call, format, key, grown, output).await {
            Err(failure) if has_format && !grown.has_begun && is_about_the_form(&failure) => {
                tracing::info!(%failure, "asking without a schema: the provider does not take it");
                self.exchange_once(call, None, key, grown, output).await
            }
            exchanged => exchanged,
        }
    }

    async fn exchange_once(
        &self,
        call: &Call,
        format: Option<Format>,
        key: Option<&Secret>,
        grown: &mut Grown,
        output: &mut dyn Output,
    ) -> Result<(), Failure> {
        let vendor = &self.endpoint.vendor.name;
        match self.config.api {
            Api::Chat => {
                let body = chat::request(call, &self.config, format);
                let events = self.endpoint.events(self.post(chat::PATH, &body, key)?).await?;
                // Perplexity may end where it has said why the model stopped.
                let ends_early = self.config.provider == Provider::Perplexity;
                chat::read(events, vendor, ends_early, grown, output).await
            }
            Api::Responses => {
                let body = responses::request(call, &self.config, format);
                let events = self.endpoint.events(self.post(responses::PATH, &body, key)?).await?;
                responses::read(events, vendor, grown, output).await
            }
        }
    }

    fn post(
        &self,
        path: &str,
        body: &Value,
        key: Option<&Secret>,
    ) -> Result<RequestBuilder, Failure> {
        authorized(&self.endpoint, self.endpoint.post(path), key).map(|post| post.json(body))
    }

    /// Perplexity's models search, and call nothing.
    fn check_tools(&self, call: &Call) -> Result<(), Failure> {
        if call.tools.is_empty() || self.config.provider != Provider::Perplexity {
            return Ok(());
        }
        let message = "perplexity's models call no tools: choose another runtime for this agent, or leave its tools out";
        Err(Failure::new(FailureKind::Unable, message))
    }
}

/// The request with the key, where there is one.
pub(super) fn authorized(
    endpoint: &Endpoint,
    request: RequestBuilder,
    key: Option<&Secret>,
) -> Result<RequestBuilder, Failure> {
    let Some(key) = key else { return Ok(request) };
    let bearer = endpoint.header(&format!("Bearer {}", key.reveal()))?;
    Ok(request.header(reqwest::header::AUTHORIZATION, bearer))
}

fn is_about_the_form(failure: &Failure) -> bool {
    failure.kind == FailureKind::Rejected
        && ABOUT_THE_FORM.iter().any(|word| failure.message.contains(word))
}

impl Model for OpenAi {
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

    fn model(provider: Provider, key: Option<&str>, base_url: &str) -> OpenAi {
        let config = OpenAiConfig {
            api_key: key.map(Secret::new),
            base_url: base_url.to_owned(),
            ..OpenAiConfig::of(provider)
        };
        OpenAi::new(config).unwrap()
    }

    async fn failure(model: &OpenAi, call: Call) -> Failure {
        model.call(call, &mut String::new()).await.unwrap_err()
    }

    #[tokio::test]
    async fn without_a_key_nothing_is_sent_to_those_who_want_one() {
        let nowhere = "http://127.0.0.1:1";
        let openai = failure(&model(Provider::Openai, None, nowhere), Call::default()).await;
        let expected = "no API key for openai: set OPENAI_API_KEY or runtimes.openai.api_key";
        assert_eq!((openai.kind, openai.message.as_str()), (FailureKind::Unauthorized, expected));
        let perplexity = model(Provider::Perplexity, Some(" "), nowhere);
        assert!(failure(&perplexity, Call::default()).await.message.contains("PERPLEXITY_API_KEY"));
        let local = failure(&model(Provider::Compatible, None, nowhere), Call::default()).await;
        assert_eq!(local.kind, FailureKind::Unreachable, "{local}");
    }

    #[tokio::test]
    async fn models_that_only_search_are_given_no_tools() {
        let tool = serde_json::json!({ "name": "look", "description": "", "parameters": {} });
        let call = Call { tools: vec![serde_json::from_value(tool).unwrap()], ..Call::default() };
        let model = model(Provider::Perplexity, Some("k"), "http://127.0.0.1:1");
        assert_eq!(failure(&model, call).await.kind, FailureKind::Unable);
    }

    #[test]
    fn names_of_claudes_mean_the_runtimes_own_model_elsewhere() {
        let config = OpenAiConfig::of(Provider::Openai);
        assert_eq!((config.model("opus"), config.model("gpt-5")), ("gpt-6-sol", "gpt-5"));
        assert_eq!(OpenAiConfig::of(Provider::Compatible).model("opus"), "opus");
    }

    #[test]
    fn the_key_does_not_show_in_debug_output() {
        let model = model(Provider::Openai, Some("sk-test-1"), "http://x");
        assert!(!format!("{model:?}").contains("sk-test-1"));
    }
}
