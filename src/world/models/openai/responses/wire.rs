//! The JSON that the API sends in the events of a stream.
//!
//! Only what is used is named here. Everything else is skipped: there are some fifty kinds of events, and more to come.

use serde::Deserialize;
use serde_json::Value;

use crate::world::models::openai::counts::Counts;

/// One event.
#[derive(Debug, Deserialize)]
#[serde(tag = "type")]
pub(super) enum Event {
    /// The answer begins.
    #[serde(rename = "response.created")]
    Created { response: Response },
    #[serde(rename = "response.output_text.delta")]
    Text { delta: String },
    /// The model says why it will not.
    #[serde(rename = "response.refusal.delta")]
    Refusal { delta: String },
    /// A part of the answer begins: words, a call …
    #[serde(rename = "response.output_item.added")]
    Added { output_index: Option<usize>, item: Item },
    #[serde(rename = "response.function_call_arguments.delta")]
    Arguments { output_index: Option<usize>, delta: String },
    /// A part of the answer is whole.
    #[serde(rename = "response.output_item.done")]
    Whole { output_index: Option<usize>, item: Item },
    /// The answer is complete. Without this, or the next, there was none.
    #[serde(rename = "response.completed")]
    Completed { response: Response },
    /// It is as long as it may be, or was withheld.
    #[serde(rename = "response.incomplete")]
    Incomplete { response: Response },
    /// The server gave up.
    #[serde(rename = "response.failed")]
    Failed { response: Response },
    /// The same, before there was a response; some put the error into an object of its own.
    #[serde(rename = "error")]
    Error { error: Option<Value>, code: Option<String>, message: Option<String> },
    #[serde(other)]
    Other,
}

/// An answer, as far as it is known.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Response {
    pub(super) model: Option<String>,
    pub(super) usage: Option<Counts>,
    pub(super) incomplete_details: Option<Incomplete>,
    pub(super) error: Option<Value>,
}

/// Why it is not whole: `max_output_tokens`, `content_filter`.
#[derive(Debug, Deserialize)]
pub(super) struct Incomplete {
    pub(super) reason: Option<String>,
}

/// A part of the answer.
#[derive(Debug, Deserialize)]
#[serde(tag = "type")]
pub(super) enum Item {
    #[serde(rename = "function_call")]
    Call { call_id: String, name: String, arguments: Option<String> },
    #[serde(other)]
    Other,
}
