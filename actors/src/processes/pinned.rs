//! [`Pinned`]: content that a model is asked with, beside the prompt.
//!
//! It is pinned by reference when a process comes into being, so that every attempt asks the same, whatever
//! becomes of the place that it came from. Whatever else is to be sent one day is another field here: it is
//! kept, released and read as the rest. The prompt is apart: it lies in the queue under the process's name,
//! for people, and moves to the archive; pinned content lies under its hash, and stays.

use crate::vocabulary::{Durable, Reference};
use serde::{Deserialize, Serialize};

/// Content that a model is asked with, beside the prompt.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pinned {
    /// Standing instructions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<Durable<Reference>>,
    /// The tools that it may call: a list of [`Tool`](crate::tools::Tool)s as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<Durable<Reference>>,
    /// What its calls in the turn before came to: a list of [`ToolResult`](crate::tools::ToolResult)s as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub results: Option<Durable<Reference>>,
    /// What its answer has to look like: a JSON Schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Durable<Reference>>,
}

impl Pinned {
    /// All of it.
    pub(super) fn all(&self) -> impl Iterator<Item = &Durable<Reference>> {
        self.system.iter().chain(&self.tools).chain(&self.results).chain(&self.schema)
    }

    /// Whether there is nothing but the prompt.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
