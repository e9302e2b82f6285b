//! [`ToolCall`] and [`ToolResult`]: what a model asks for, and what it is told then. They stand in requests, in answers
//! and in the lines of sessions, in this form.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a model asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolCall {
    /// The model's own name of the call: the result is told under it.
    pub id: String,
    /// Which tool.
    pub name: String,
    /// With what; a text where the model wrote no JSON.
    pub arguments: Value,
}

/// What a call came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolResult {
    /// The model's own name of the call.
    pub id: String,
    /// Which tool.
    pub name: String,
    /// What it gave; or what went wrong, in words.
    pub content: Value,
    /// It went wrong.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_error: bool,
}

/// With what a call was made, as JSON, for people who have to know it again: the beginning of it, where it is long.
pub fn shortened(arguments: &Value) -> String {
    const LONGEST: usize = 300;
    let text = arguments.to_string();
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}

impl ToolResult {
    /// What it gave, as text for a model.
    pub fn text(&self) -> String {
        match &self.content {
            Value::String(text) => text.clone(),
            value => value.to_string(),
        }
    }
}
