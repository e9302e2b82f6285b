//! A value that an item's metadata can be compared with.

use super::Number;
use serde::{Deserialize, Serialize};

/// A value without parts. Values of different types are never equal, nor is one less than the other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number; 1 and 1.0 are equal.
    Number(Number),
    /// A text; texts are ordered by their bytes, so ISO 8601 times are by time.
    Text(String),
}

impl Scalar {
    /// The scalar that a JSON value is, if it has no parts.
    pub(crate) fn of(value: &serde_json::Value) -> Option<Self> {
        use serde_json::Value;
        match value {
            Value::Null => Some(Self::Null),
            Value::Bool(value) => Some(Self::Bool(*value)),
            Value::Number(value) => Some(Self::Number(Number::of(value))),
            Value::String(value) => Some(Self::Text(value.clone())),
            Value::Array(_) | Value::Object(_) => None,
        }
    }

    /// What it is, for messages.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a truth value",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
        }
    }
}

impl From<&str> for Scalar {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Scalar {
    fn from(integer: i64) -> Self {
        Self::Number(integer.into())
    }
}

impl From<f64> for Scalar {
    fn from(float: f64) -> Self {
        Self::Number(Number::of_float(float))
    }
}

impl From<bool> for Scalar {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}
