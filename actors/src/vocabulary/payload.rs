//! [`Payload`]: a value in a message, or, where it is large, in a file by reference.

use super::{Durable, Reference};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io;

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

    /// A value as it is, where it is short enough; else it comes back.
    pub fn inline(value: Value) -> Result<Self, Value> {
        if Self::length(&value) <= Self::INLINE_BYTES {
            Ok(Self::Inline(value))
        } else {
            Err(value)
        }
    }

    /// How many bytes a value has as JSON.
    pub fn length(value: &Value) -> usize {
        let mut count = Count(0);
        // Neither a value nor a number that counts can fail to be written.
        let _ = serde_json::to_writer(&mut count, value);
        count.0
    }

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

/// Counts what is written, and keeps none of it.
struct Count(usize);

impl io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
