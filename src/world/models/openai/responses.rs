//! Responses: `POST {base_url}/responses` with `stream: true`, as described at
//! <https://platform.openai.com/docs/api-reference/responses-streaming>. Nothing is kept at the provider
//! (`store: false`): the conversation is ours, and is told whole each time.

mod items;
mod request;
mod stream;
mod wire;

pub(super) use request::{PATH, request};
pub(super) use stream::read;
