//! [`Answer`]: what a completed process's line in its session says.

use super::metrics::Metrics;
use super::source::Source;
use crate::journal::{Journal, ReadError};
use crate::tools::ToolCall;
use crate::vocabulary::{Hash, Reference};
use serde::Deserialize;

/// What a completed process's line in its session says, as far as others need it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Answer {
    /// What the model said.
    pub content: String,
    /// What it calls, in place of an answer or beside one.
    #[serde(default)]
    pub tool_calls: Vec<ToolCall>,
    /// What it goes by, where its provider says so.
    #[serde(default)]
    pub sources: Vec<Source>,
    /// What it took.
    pub metrics: Metrics,
}

impl Answer {
    /// Reads the answer that stands at this line.
    pub async fn read(journal: &Journal, line: &Reference) -> Result<Self, ReadError> {
        let text = journal.content(line.clone()).await?;
        serde_json::from_slice(&text).map_err(|_| {
            // Its hash is right, so it was written like this: by a program that means something else by it.
            let (file, hash) = (line.file.clone(), Hash::of(&text));
            ReadError::Damaged { file, hash }
        })
    }
}
