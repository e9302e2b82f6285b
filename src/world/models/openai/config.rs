//! What has to be known before the API can be asked.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::world::models::prices::Prices;
use crate::world::models::secret::Secret;
use crate::world::models::vendor::Vendor;

/// Who is behind the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Provider {
    /// `OpenAI` itself.
    Openai,
    /// Perplexity, whose models search the web and name their sources.
    Perplexity,
    /// Anybody who speaks like `OpenAI`.
    Compatible,
}

/// Which of the APIs is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Api {
    /// Chat Completions.
    Chat,
    /// Responses.
    Responses,
}

/// How to reach an API like `OpenAI`'s. Its `Debug` does not show the key; serialised it holds it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OpenAiConfig {
    /// The runtime's name, for messages.
    pub runtime: String,
    /// Who is asked.
    pub provider: Provider,
    /// By which API.
    pub api: Api,
    /// The key; `OpenAI` and Perplexity are not asked without one.
    #[serde(with = "crate::world::models::secret::over_a_pipe")]
    pub api_key: Option<Secret>,
    /// Scheme, host and an optional path; `/chat/completions` or `/responses` is added to it.
    pub base_url: String,
    /// The model that is meant by the names of Claude's (`opus`, `sonnet`, `haiku`), which mean nothing here.
    pub default_model: String,
    /// The longest silence before and within an answer.
    pub read_timeout: Duration,
    /// The longest wait for a connection.
    pub connect_timeout: Duration,
    /// The most tokens of an answer when the call names no limit.
    pub max_tokens: u32,
    /// What the answers cost.
    pub prices: Prices,
}

impl OpenAiConfig {
    /// How a provider is reached, with what most want.
    pub fn of(provider: Provider) -> Self {
        let (runtime, base_url, model) = match provider {
            Provider::Openai => ("openai", "https://api.openai.com/v1", "gpt-6-sol"),
            Provider::Perplexity => ("perplexity", "https://api.perplexity.ai", "sonar"),
            Provider::Compatible => ("compatible", "http://127.0.0.1:11434/v1", ""),
        };
        let is_openai = provider == Provider::Openai;
        Self {
            runtime: runtime.to_owned(),
            provider,
            api: if is_openai { Api::Responses } else { Api::Chat },
            api_key: None,
            base_url: base_url.to_owned(),
            default_model: model.to_owned(),
            read_timeout: Duration::from_mins(1),
            connect_timeout: Duration::from_secs(10),
            max_tokens: 8192,
            prices: Prices::default(),
        }
    }

    /// Who it is, for messages.
    pub(super) fn vendor(&self) -> Vendor {
        let (name, variable) = match self.provider {
            Provider::Openai => ("openai", Some("OPENAI_API_KEY")),
            Provider::Perplexity => ("perplexity", Some("PERPLEXITY_API_KEY")),
            Provider::Compatible => (self.runtime.as_str(), None),
        };
        Vendor::new(name, variable, &self.runtime)
    }

    /// The full name of a model.
    pub(super) fn model<'a>(&'a self, name: &'a str) -> &'a str {
        match name {
            "opus" | "sonnet" | "haiku" if !self.default_model.is_empty() => &self.default_model,
            name => name,
        }
    }

    /// Whether nothing is sent without a key.
    pub(super) fn needs_key(&self) -> bool {
        self.provider != Provider::Compatible
    }
}
