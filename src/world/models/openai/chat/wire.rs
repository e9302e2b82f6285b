//! The JSON that the API sends in the events of a stream.
//!
//! Only what is used is named here, and all of it may be missing or null: there are many who speak like this, and no
//! two alike.

use callboard_actors::processes::Source;
use serde::Deserialize;
use serde_json::Value;

use crate::world::models::openai::counts::Counts;

/// One event.
#[derive(Debug, Deserialize)]
pub(super) struct Chunk {
    pub(super) model: Option<String>,
    pub(super) choices: Option<Vec<Choice>>,
    pub(super) usage: Option<Counts>,
    /// The server gave up in the middle.
    pub(super) error: Option<Value>,
    /// Perplexity: what was found, the newer form.
    pub(super) search_results: Option<Vec<Found>>,
    /// The older one: only where it is.
    pub(super) citations: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    pub(super) index: Option<usize>,
    pub(super) delta: Option<Delta>,
    pub(super) finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Delta {
    pub(super) content: Option<String>,
    pub(super) refusal: Option<String>,
    pub(super) tool_calls: Option<Vec<CallPiece>>,
}

/// A piece of a call.
#[derive(Debug, Deserialize)]
pub(super) struct CallPiece {
    pub(super) index: Option<usize>,
    pub(super) id: Option<String>,
    pub(super) function: Option<FunctionPiece>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct FunctionPiece {
    pub(super) name: Option<String>,
    pub(super) arguments: Option<String>,
}

/// What was found.
#[derive(Debug, Deserialize)]
pub(super) struct Found {
    url: Option<String>,
    title: Option<String>,
    date: Option<String>,
}

impl Found {
    pub(super) fn source(self) -> Option<Source> {
        let Self { url, title, date } = self;
        Some(Source { url: url?, title, date })
    }
}
