//! The HTTP side of a call.

use std::sync::Once;

use callboard_actors::processes::{Charge, Told};
use futures::StreamExt;
use futures::future::{FutureExt, LocalBoxFuture};
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Client, RequestBuilder, Response, redirect};

use super::aliases::full_model_id;
use super::config::AnthropicConfig;
use super::refusal;
use super::request::Request;
use super::stream::{self, Growing};
use crate::world::models::call::{Answer, Call, Model, Output, Usage};
use crate::world::models::failure::{Failure, FailureKind};
use crate::world::models::secret::Secret;

/// The version of the API that the events are read by.
const API_VERSION: &str = "2023-06-01";

/// Who asks, for the server's logs.
const USER_AGENT: &str = concat!("callboard/", env!("CARGO_PKG_VERSION"));

/// The longest error body that is read, in bytes; what is shown of it is far shorter.
const ERROR_BODY: usize = 64 * 1024;

/// Claude, over the Messages API. Its connections are kept and shared by concurrent calls.
#[derive(Debug)]
pub struct Anthropic {
    config: AnthropicConfig,
    http: Client,
    url: String,
}

impl Anthropic {
    /// Prepares a client; nothing is sent yet. Fails as [`FailureKind::Rejected`] when TLS cannot
    /// be set up, as on a machine without root certificates.
    pub fn new(config: AnthropicConfig) -> Result<Self, Failure> {
        install_crypto();
        let http = Client::builder()
            .user_agent(USER_AGENT)
            .connect_timeout(config.connect_timeout)
            // A redirect would carry the key to another host.
            .redirect(redirect::Policy::none())
            .build()
            .map_err(|error| no_client(&error))?;
        let url = format!("{}/v1/messages", config.base_url.trim_end_matches('/'));
        Ok(Self { config, http, url })
    }

    /// What a call may cost at most where so many tokens go in: its answer may be as long as is configured. `None`: the
    /// model's price is not known.
    pub fn estimate(&self, model: &str, tokens_in: u64) -> (Usage, Option<f64>) {
        let usage = Usage { tokens_in, tokens_out: self.config.max_tokens.into() };
        (usage, self.config.prices.cost(full_model_id(model), usage))
    }

    async fn ask(&self, call: Call, output: &mut dyn Output) -> Result<Answer, Failure> {
        let key = self.config.api_key.as_ref().filter(|key| !key.is_empty());
        let key = key.ok_or_else(refusal::no_key)?;
        let mut answer = Growing::default();
        let ended = self.exchange(&call, key, &mut answer, output).await;
        ended.map_err(|failure| Failure {
            message: key.redact(&failure.message),
            charge: self.charge(&answer).unwrap_or(failure.charge),
            ..failure
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
        })
    }

    async fn exchange(
        &self,
        call: &Call,
        key: &Secret,
        answer: &mut Growing,
        output: &mut dyn Output,
    ) -> Result<(), Failure> {
        let response = self.send(self.request(call, key)?).await?;
        if response.status() != 200 {
            return Err(self.refused(response).await);
        }
        expect_events(&response)?;
        let chunks =
            response.bytes_stream().map(|chunk| chunk.map_err(|error| refusal::from_body(&error)));
        stream::read(stream::impatient(chunks, self.config.read_timeout), answer, output).await
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
        let mut header = HeaderValue::from_str(key.reveal()).map_err(|_| unfit_key())?;
        header.set_sensitive(true);
        let request = self.http.post(&self.url).header("x-api-key", header);
        let request = request.header("anthropic-version", API_VERSION);
        Ok(request.json(&Request::new(call, self.config.max_tokens)))
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, Failure> {
        let limit = self.config.connect_timeout.saturating_add(self.config.read_timeout);
        let sent = tokio::time::timeout(limit, request.send()).await;
        let sent = sent.map_err(|_| stream::stalled("anthropic did not answer", limit))?;
        sent.map_err(|error| refusal::from_send(&error.without_url(), &self.config.base_url))
    }

    async fn refused(&self, response: Response) -> Failure {
        let (status, headers) = (response.status(), response.headers().clone());
        let body = tokio::time::timeout(self.config.read_timeout, beginning(response)).await;
        refusal::from_status(status, &headers, &body.unwrap_or_default())
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

/// The TLS library wants to be told once which cryptography to use; an embedder may have done so.
fn install_crypto() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let _already_installed = rustls::crypto::ring::default_provider().install_default();
    });
}

fn no_client(error: &reqwest::Error) -> Failure {
    let message = format!("failed to set up TLS: {error:?}; install the system's ca-certificates");
    Failure::new(FailureKind::Rejected, message)
}

fn unfit_key() -> Failure {
    let message = "the API key for Anthropic has characters that no header can carry: \
                   check ANTHROPIC_API_KEY or runtimes.anthropic.api_key";
    Failure::new(FailureKind::Unauthorized, message)
}

/// A 200 that is no event stream comes from something else than the API: a proxy, a login page.
fn expect_events(response: &Response) -> Result<(), Failure> {
    let kind = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("nothing");
    if kind.starts_with("text/event-stream") {
        return Ok(());
    }
    let message = format!(
        "expected text/event-stream, got {}: check models.anthropic.base_url",
        refusal::shorten(kind)
    );
    Err(Failure::new(FailureKind::Malformed, message))
}

/// The beginning of an error's body; what cannot be read of it is left out.
async fn beginning(response: Response) -> String {
    let mut body = Vec::new();
    let mut chunks = response.bytes_stream();
    while let Some(Ok(chunk)) = chunks.next().await {
        body.extend_from_slice(&chunk);
        if body.len() > ERROR_BODY {
            break;
        }
    }
    String::from_utf8_lossy(&body).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

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
