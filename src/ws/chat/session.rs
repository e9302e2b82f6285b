//! A connection's actor. What it is told is done one after the other, so that a message and the cancellation behind it
//! cannot change places; meanwhile it goes on telling.

use super::super::alive;
use super::super::assembler::Assembler;
use super::super::hearing::{Said, hear};
use super::super::{ending, handshake};
use super::deeds;
use super::following::following;
use super::frame::Reply;
use super::opening::{Opening, Thread, opening};
use super::request::{Open, Request};
use crate::wire::{App, Problem};
use actix::{Actor, ActorFutureExt, AsyncContext, StreamHandler, WrapFuture};
use actix_http::ws::{Message, ProtocolError};
use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws::WebsocketContext;
use callboard_actors::vocabulary::{DEEPEST, is_deeper_than};
use serde_json::Value;
use std::collections::VecDeque;
use std::time::Instant;

/// The longest thing a client may say, in bytes.
const LONGEST: usize = 1 << 20;
/// The longest id, as JSON text.
const LONGEST_ID: usize = 256;
/// So many things may wait to be done.
const MOST_WAITING: usize = 64;
/// So much of what was not understood is repeated.
const REPEATED: usize = 500;

/// `GET /ws/chat`
pub(in crate::ws) async fn open(
    app: web::Data<App>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let session = Session {
        app: app.get_ref().clone(),
        assembler: Assembler::new(LONGEST),
        thread: None,
        waiting: VecDeque::new(),
        is_busy: false,
        heard_at: Instant::now(),
    };
    handshake::open(&app, &request, payload, session, LONGEST)
}

struct Session {
    app: App,
    assembler: Assembler,
    thread: Option<Thread>,
    /// What is still to be done.
    waiting: VecDeque<Request>,
    /// Something is being done.
    is_busy: bool,
    heard_at: Instant,
}

type Ctx = WebsocketContext<Session>;

impl Session {
    fn hear(&mut self, text: &str, ctx: &mut Ctx) {
        let request = match serde_json::from_str::<Request>(text) {
            Ok(request) => request,
            Err(error) => return not_understood(text, &error, ctx),
        };
        if is_deeper_than(DEEPEST, text.as_bytes()) {
            let text = format!("this is nested more than {DEEPEST} levels deep");
            return refuse(request.id(), &Problem::unprocessable(text), ctx);
        }
        if let Err(problem) = check_id(&request) {
            return refuse(&Value::Null, &problem, ctx);
        }
        match request {
            Request::Ping { id } => ctx.text(Reply::Pong { id: &id }.text()),
            request if self.waiting.len() >= MOST_WAITING => {
                let text = format!(
                    "{MOST_WAITING} things wait to be done: say no more until some are answered"
                );
                refuse(request.id(), &Problem::unavailable(text), ctx);
            }
            request => {
                self.waiting.push_back(request);
                self.go_on(ctx);
            }
        }
    }

    /// Does the next thing, if nothing is being done.
    fn go_on(&mut self, ctx: &mut Ctx) {
        while !self.is_busy {
            let Some(request) = self.waiting.pop_front() else { return };
            match (request, self.thread.clone()) {
                (Request::Open(open), None) => self.open(*open, ctx),
                (Request::Open(open), Some(thread)) => {
                    let text =
                        format!("{} is open here: connect once more for another", thread.workflow);
                    refuse(&open.id, &Problem::conflict(text), ctx);
                }
                (request, Some(thread)) => self.perform(thread, request, ctx),
                (request, None) => {
                    let text = "no thread is open: say `open` first";
                    refuse(request.id(), &Problem::conflict(text), ctx);
                }
            }
        }
    }

    fn open(&mut self, open: Open, ctx: &mut Ctx) {
        self.is_busy = true;
        let (app, id) = (self.app.clone(), open.id.clone());
        let opened = async move { opening(&app, open).await };
        ctx.spawn(opened.into_actor(self).map(move |opening, session, ctx: &mut Ctx| {
            session.is_busy = false;
            session.opened(&id, opening, ctx);
            session.go_on(ctx);
        }));
    }

    fn opened(&mut self, id: &Value, opening: Result<Opening, Problem>, ctx: &mut Ctx) {
        match opening {
            Ok(Opening::Done(thread, opened, from)) => {
                self.thread = Some(thread);
                ctx.text(Reply::Opened(opened).text());
                ctx.add_stream(following(*from));
            }
            Ok(Opening::Gone) => {
                let epoch = self.app.parts().journal.epoch();
                let detail = "this cursor belongs to another journal or epoch: open the thread without `after`";
                ctx.text(Reply::Gone { id, epoch, detail }.text());
            }
            Err(problem) => refuse(id, &problem, ctx),
        }
    }

    fn perform(&mut self, thread: Thread, request: Request, ctx: &mut Ctx) {
        self.is_busy = true;
        let (app, id) = (self.app.clone(), request.id().clone());
        let done = async move { deeds::perform(&app, &thread, request).await };
        ctx.spawn(done.into_actor(self).map(move |done, session, ctx: &mut Ctx| {
            session.is_busy = false;
            match done {
                Ok(answer) => ctx.text(answer),
                Err(problem) => refuse(&id, &problem, ctx),
            }
            session.go_on(ctx);
        }));
    }
}

fn check_id(request: &Request) -> Result<(), Problem> {
    if request.id().to_string().len() > LONGEST_ID {
        let text = format!("id is longer than {LONGEST_ID} bytes: choose a shorter one");
        return Err(Problem::bad_request(text));
    }
    if matches!(request, Request::Message { id: Value::Null, .. }) {
        let text = "id: a message needs one, so that it can be told again and is still the same: a UUID, say";
        return Err(Problem::unprocessable(text));
    }
    Ok(())
}

fn refuse(id: &Value, problem: &Problem, ctx: &mut Ctx) {
    ctx.text(Reply::Error { id, problem: problem.document() }.text());
}

/// The error may repeat what was said.
fn not_understood(text: &str, error: &serde_json::Error, ctx: &mut Ctx) {
    let id = serde_json::from_str::<Value>(text).ok();
    let id = id.and_then(|mut value| value.get_mut("id").map(Value::take));
    let id = id.filter(|id| id.to_string().len() <= LONGEST_ID).unwrap_or_default();
    let error: String = error.to_string().chars().take(REPEATED).collect();
    let problem = Problem::bad_request(format!(
        "not understood: {error}; say open, message, answer, cancel, pause, resume, retry or ping, as \
         GET /ws/chat/schema describes them"
    ));
    refuse(&id, &problem, ctx);
}

impl Actor for Session {
    type Context = Ctx;

    fn started(&mut self, ctx: &mut Ctx) {
        ending::with_the_server(&self.app, self, ctx);
        alive::ping_from_time_to_time(ctx);
    }
}

impl alive::Alive for Session {
    fn heard_at(&self) -> Instant {
        self.heard_at
    }
}

impl StreamHandler<Result<Message, ProtocolError>> for Session {
    fn handle(&mut self, frame: Result<Message, ProtocolError>, ctx: &mut Ctx) {
        self.heard_at = Instant::now();
        match hear(&mut self.assembler, frame, ctx) {
            Some(Said::Text(text)) => self.hear(&text, ctx),
            Some(Said::Bytes(_)) => {
                let problem = Problem::bad_request("say it as JSON text, not as bytes");
                refuse(&Value::Null, &problem, ctx);
            }
            None => {}
        }
    }
}

impl StreamHandler<Vec<String>> for Session {
    fn handle(&mut self, frames: Vec<String>, ctx: &mut Ctx) {
        for frame in frames {
            ctx.text(frame);
        }
    }

    /// What is told ends with the connection.
    fn finished(&mut self, _: &mut Ctx) {}
}
