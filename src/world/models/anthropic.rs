//! Anthropic's Messages API, streamed.
//!
//! `POST {base_url}/v1/messages` with `stream: true`, as described at
//! <https://platform.claude.com/docs/en/api/messages-streaming>. Only text is read: thinking and
//! tool blocks are passed over. There is no retry in here and no deadline for a whole answer, only
//! one for silence; both belong to the caller.

mod aliases;
mod client;
mod config;
mod messages;
mod request;
mod stream;
mod wire;

pub use aliases::full_model_id;
pub use client::Anthropic;
pub use config::AnthropicConfig;
