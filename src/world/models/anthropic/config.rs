//! What has to be known before the API can be asked.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::world::models::prices::Prices;
use crate::world::models::secret::Secret;

/// How to reach the Messages API. Its `Debug` does not show the key; serialised it holds it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AnthropicConfig {
    /// The key; without one every call fails as unauthorized, and no connection is made.
    #[serde(with = "crate::world::models::secret::over_a_pipe")]
    pub api_key: Option<Secret>,
    /// Scheme, host and an optional path; `/v1/messages` is added to it.
    pub base_url: String,
    /// The longest silence before and within an answer.
    pub read_timeout: Duration,
    /// The longest wait for a connection.
    pub connect_timeout: Duration,
    /// The most tokens of an answer when the call names no limit.
    pub max_tokens: u32,
    /// What the answers cost.
    pub prices: Prices,
}

impl Default for AnthropicConfig {
    fn default() -> Self {
        Self {
            api_key: None,
            base_url: "https://api.anthropic.com".to_owned(),
            read_timeout: Duration::from_mins(1),
            connect_timeout: Duration::from_secs(10),
            max_tokens: 8192,
            prices: Prices::default(),
        }
    }
}
