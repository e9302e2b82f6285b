//! How a connection is opened: only for pages that may, and with errors in words.

use super::limited::Limited;
use super::origin;
use crate::wire::{App, Problem};
use actix::{Actor, StreamHandler};
use actix_http::ws::{Codec, Message, ProtocolError};
use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws::{WebsocketContext, handshake};

/// Opens a connection for `actor`, whose frames may have at most `longest` bytes.
pub(super) fn open<A>(
    app: &App,
    request: &HttpRequest,
    payload: web::Payload,
    actor: A,
    longest: usize,
) -> Result<HttpResponse, Problem>
where
    A: Actor<Context = WebsocketContext<A>> + StreamHandler<Result<Message, ProtocolError>>,
{
    if !origin::is_allowed(app, request) {
        let text = "pages of this origin may not connect: add it to http.allowed_origins";
        return Err(Problem::forbidden(text));
    }
    let mut response = handshake(request).map_err(|error| {
        Problem::bad_request(format!("{error}: connect with a WebSocket client, version 13"))
    })?;
    let codec = Codec::new().max_size(longest);
    let frames = WebsocketContext::with_codec(actor, Limited::new(payload, longest), codec);
    Ok(response.streaming(frames))
}
