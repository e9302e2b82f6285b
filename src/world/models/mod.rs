//! Language models: one question in, one streamed answer or one typed failure out.
//!
//! ```text
//!  Call ──▶ Model ──▶ Output   (the text, as it streams)
//!             │
//!             └─────▶ Result<Answer, Failure>
//! ```
//!
//! A [`Model`] asks once. Retrying, waiting, deadlines and money limits are the caller's: the
//! [`Failure`] says whether another try can help and how long the server wants to be left alone,
//! and dropping the future of a call cancels it.
//!
//! [`Anthropic`] speaks to the Messages API, [`OpenAi`] to `OpenAI`, Perplexity and all who speak like them, [`Replay`] answers from files without any network,
//! and [`Recorder`] writes what another model answered into such a file. What those who ask over HTTP share has rooms
//! of its own: `endpoint` (requests), `sse` (streams), `refusal` and `complaint` (what goes wrong), `retry_after`,
//! `conversation` (what stands before what), `calls` (of tools, as they grow). [`Embedder`] makes vectors of texts.

mod anthropic;
mod call;
mod calls;
mod complaint;
mod conversation;
mod endpoint;
mod failure;
mod openai;
mod prices;
mod record;
mod refusal;
mod replay;
mod retry_after;
mod secret;
mod sse;
mod vendor;

pub use anthropic::{Anthropic, AnthropicConfig, full_model_id};
pub use call::{Answer, Call, Model, Output, Speaker, Turn, Usage};
pub use failure::{Failure, FailureKind};
pub use openai::{Api, Embedder, EmbedderConfig, OpenAi, OpenAiConfig, Provider, Vectors};
pub use prices::{Price, Prices, cost};
pub use record::Recorder;
pub use replay::{CountedReplay, Replay, ScriptError};
pub use secret::Secret;
