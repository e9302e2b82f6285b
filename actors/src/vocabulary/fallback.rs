//! [`Fallback`]: who is asked where somebody else cannot answer.

use serde::{Deserialize, Serialize};

/// Who is asked where somebody else cannot answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Fallback {
    /// By which runtime.
    pub runtime: String,
    /// Which model; else that runtime's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}
