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
//! [`Anthropic`] speaks to the Messages API, [`Replay`] answers from files without any network,
//! and [`Recorder`] writes what another model answered into such a file.

mod anthropic;
mod call;
mod failure;
mod prices;
mod record;
mod replay;
mod secret;

pub use anthropic::{Anthropic, AnthropicConfig, full_model_id};
pub use call::{Answer, Call, Model, Output, Speaker, Turn, Usage};
pub use failure::{Failure, FailureKind};
pub use prices::{Price, Prices, cost};
pub use record::Recorder;
pub use replay::{CountedReplay, Replay, ScriptError};
pub use secret::Secret;
