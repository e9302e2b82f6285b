//! `chat`: somebody at a terminal, or a script, talks with a workflow over `/ws/chat`.
//!
//! ```text
//! lines typed ──► talk ──► socket ──► /ws/chat            cursor: where to go on when the connection breaks
//!    printed ◄── view ◄──┘                                person: what the lines are: messages, answers, orders
//! ```

mod cursor;
mod lines;
mod paint;
mod person;
mod socket;
mod speakers;
mod talk;
mod view;

use super::Exit;
use super::args::Chat;
use super::context::Context;
use super::failure::Outcome;
use super::out::Out;
use super::spawn::Host;
use talk::Talk;

/// The JSON Schema of all frames.
const SCHEMA: &str = include_str!("../../../config/chat.schema.json");

/// Prints the schema.
pub(super) fn schema(out: &mut Out) -> Outcome {
    out.line(SCHEMA.trim_end())?;
    Ok(Exit::Done)
}

pub(super) async fn run(context: &Context, chat: &Chat, out: &mut Out) -> Outcome {
    let mut host = Host::running_or_started(context).await?;
    let ended = Talk::new(context, &mut host, chat, out).until_the_end().await;
    out.end_line()?;
    host.leave().await?;
    ended
}
