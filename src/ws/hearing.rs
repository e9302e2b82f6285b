//! [`hear`]: what every connection does with a frame, whatever it is about: it answers pings, and it ends.

use super::assembler::{Assembler, Heard};
use actix::{Actor, ActorContext};
use actix_http::ws::{Message, ProtocolError};
use actix_web::web::Bytes;
use actix_web_actors::ws::WebsocketContext;

/// A message that is whole.
#[derive(Debug)]
pub(super) enum Said {
    /// As text.
    Text(String),
    /// As bytes.
    Bytes(Bytes),
}

/// Takes a frame in; `None`: it says nothing, or not all of it yet.
pub(super) fn hear<A: Actor<Context = WebsocketContext<A>>>(
    assembler: &mut Assembler,
    frame: Result<Message, ProtocolError>,
    ctx: &mut WebsocketContext<A>,
) -> Option<Said> {
    match assembler.hear(frame) {
        Heard::Text(text) => return Some(Said::Text(text)),
        Heard::Binary(bytes) => return Some(Said::Bytes(bytes)),
        Heard::Ping(bytes) => ctx.pong(&bytes),
        Heard::Nothing => {}
        Heard::Close(reason) => {
            ctx.close(reason);
            ctx.stop();
        }
        Heard::Fail(reason) => {
            ctx.close(Some(reason));
            ctx.stop();
        }
    }
    None
}
