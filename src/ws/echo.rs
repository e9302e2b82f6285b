//! `/ws/echo`: says back whatever it hears. For trying a client, and for conformance suites, which
//! judge a server by its echo.

use super::assembler::{Assembler, Heard};
use super::origin;
use crate::wire::App;
use actix::{Actor, ActorContext, StreamHandler};
use actix_http::ws::{Codec, Message, ProtocolError};
use actix_web::{Error, HttpRequest, HttpResponse, web};
use actix_web_actors::ws::{WebsocketContext, WsResponseBuilder};

/// The longest message it says back, in bytes.
const LONGEST: usize = 16 << 20;

struct Echo(Assembler);

/// `GET /ws/echo`
pub(super) async fn open(
    app: web::Data<App>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Error> {
    if !origin::is_allowed(&app, &request) {
        return Ok(HttpResponse::Forbidden().body("this origin may not connect"));
    }
    let codec = Codec::new().max_size(LONGEST);
    WsResponseBuilder::new(Echo(Assembler::new(LONGEST)), &request, payload).codec(codec).start()
}

impl Actor for Echo {
    type Context = WebsocketContext<Self>;
}

impl StreamHandler<Result<Message, ProtocolError>> for Echo {
    fn handle(&mut self, frame: Result<Message, ProtocolError>, ctx: &mut Self::Context) {
        match self.0.hear(frame) {
            Heard::Text(text) => ctx.text(text),
            Heard::Binary(bytes) => ctx.binary(bytes),
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
    }
}
