//! The JSON that the API sends in the events of a stream.
//!
//! Only what is used is named here. Everything else is skipped, since the API's versioning policy
//! allows new fields, new events and new block types at any time.

use serde::Deserialize;
use serde_json::Value;

/// One event of a stream.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Event {
    /// The answer begins.
    MessageStart { message: Message },
    /// A block of text, thinking or tool use begins.
    ContentBlockStart {
        #[serde(default)]
        index: usize,
        content_block: Piece,
    },
    /// A block goes on.
    ContentBlockDelta {
        #[serde(default)]
        index: usize,
        delta: Piece,
    },
    /// What is known only at the end.
    MessageDelta { delta: Ending, usage: Option<TokenCounts> },
    /// The answer is complete. Without this there was none.
    MessageStop,
    /// The server gave up in the middle.
    Error { error: Value },
    /// `ping`, `content_block_stop` and whatever may come to exist.
    #[serde(other)]
    Other,
}

/// The head of an answer.
#[derive(Debug, Deserialize)]
pub(super) struct Message {
    pub(super) model: String,
    #[serde(default)]
    pub(super) usage: TokenCounts,
}

/// A piece of a content block.
#[derive(Debug, Deserialize)]
#[serde(tag = "type")]
pub(super) enum Piece {
    /// Text for the reader; the one at the start of a block is usually empty.
    #[serde(rename = "text", alias = "text_delta")]
    Text { text: String },
    /// A call of a tool begins. Its input follows in pieces; that at the start is usually empty.
    #[serde(rename = "tool_use")]
    ToolUse {
        id: String,
        name: String,
        #[serde(default)]
        input: Value,
    },
    /// A piece of a call's input, which is JSON only as a whole.
    #[serde(rename = "input_json_delta")]
    Input {
        #[serde(default)]
        partial_json: String,
    },
    /// Thinking, signatures: not for the reader.
    #[serde(other)]
    Other,
}

/// Why the model stopped.
#[derive(Debug, Deserialize)]
pub(super) struct Ending {
    pub(super) stop_reason: Option<String>,
}

/// Token counts, cumulative; absent ones are unchanged.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct TokenCounts {
    #[serde(rename = "input_tokens")]
    pub(super) input: Option<u64>,
    #[serde(rename = "cache_creation_input_tokens")]
    pub(super) cache_write: Option<u64>,
    #[serde(rename = "cache_read_input_tokens")]
    pub(super) cache_read: Option<u64>,
    #[serde(rename = "output_tokens")]
    pub(super) output: Option<u64>,
}
