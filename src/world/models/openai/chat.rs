//! Chat Completions: `POST {base_url}/chat/completions` with `stream: true`, as described at
//! <https://platform.openai.com/docs/api-reference/chat>.

mod messages;
mod request;
mod stream;
mod wire;

pub(super) use request::{PATH, request};
pub(super) use stream::read;
