//! [`Payload`]: a value in a message, or, where it is large, in a file by reference.

use super::{Durable, Reference};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A value, small in the table, large in a file.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Payload {
    /// The value itself.
    Inline(Value),
    /// Where it lies, as JSON.
    File(Durable<Reference>),
}

impl Payload {
    /// As JSON it may be so long in a message; beyond it is a file.
    pub const INLINE_BYTES: usize = 10_000;

    /// The file, where it is one.
    pub fn file(&self) -> Option<&Durable<Reference>> {
        match self {
            Self::Inline(_) => None,
            Self::File(file) => Some(file),
        }
    }
}

impl Default for Payload {
    fn default() -> Self {
        Self::Inline(Value::Null)
    }
}
