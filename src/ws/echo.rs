//! `/ws/echo`: says back whatever it hears. For trying a client, and for conformance suites, which
//! judge a server by its echo.

use super::assembler::Assembler;
use super::ending;
use super::handshake;
use super::hearing::{Said, hear};
use crate::wire::{App, Problem};
use actix::{Actor, StreamHandler};
use actix_http::ws::{Message, ProtocolError};
use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws::WebsocketContext;

/// The longest message it says back, in bytes.
const LONGEST: usize = 16 << 20;

struct Echo {
    app: App,
    assembler: Assembler,
}

/// `GET /ws/echo`
pub(super) async fn open(
    app: web::Data<App>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let echo = Echo { app: app.get_ref().clone(), assembler: Assembler::new(LONGEST) };
    handshake::open(&app, &request, payload, echo, LONGEST)
}

impl Actor for Echo {
    type Context = WebsocketContext<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ending::with_the_server(&self.app, self, ctx);
    }
}

impl StreamHandler<Result<Message, ProtocolError>> for Echo {
    fn handle(&mut self, frame: Result<Message, ProtocolError>, ctx: &mut Self::Context) {
        match hear(&mut self.assembler, frame, ctx) {
            Some(Said::Text(text)) => ctx.text(text),
            Some(Said::Bytes(bytes)) => ctx.binary(bytes),
            None => {}
        }
    }
}
