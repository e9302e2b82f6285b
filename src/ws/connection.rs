//! One client's connection: a session actor.

use super::alive;
use super::assembler::Assembler;
use super::deliveries::{Whose, deliveries, refusal};
use super::ending;
use super::handshake;
use super::hearing::{Said, hear};
use super::protocol::{Reply, Request};
use super::streams::{self, News};
use crate::wire::{App, Problem};
use actix::{Actor, ActorFutureExt, AsyncContext, SpawnHandle, StreamHandler, WrapFuture};
use actix_http::ws::{Message, ProtocolError};
use actix_web::{HttpRequest, HttpResponse, web};
use actix_web_actors::ws::WebsocketContext;
use callboard_actors::bus::{BadReason, Reason, Refused};
use callboard_actors::vocabulary::{AgentId, InvalidName, Name, Patterns, Position, ProcessId};
use futures::Stream;
use serde_json::Value;
use std::collections::HashMap;
use std::time::Instant;

/// The longest thing a client may say, in bytes.
const LONGEST: usize = 1 << 20;
/// The longest id, as JSON text: every frame repeats it.
const LONGEST_ID: usize = 256;
/// The most topics of one subscription: each message is held against all of them.
const MOST_TOPICS: usize = 256;
/// How many things a client may follow at once.
const MOST: usize = 256;

/// `GET /ws`
pub(super) async fn open(
    app: web::Data<App>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let connection = Connection {
        app: app.get_ref().clone(),
        assembler: Assembler::new(LONGEST),
        followed: HashMap::new(),
        consumed: HashMap::new(),
        heard_at: Instant::now(),
    };
    handshake::open(&app, &request, payload, connection, LONGEST)
}

struct Connection {
    app: App,
    assembler: Assembler,
    /// What it follows, by the client's id as JSON text.
    followed: HashMap<String, SpawnHandle>,
    /// Which of that are durable subscriptions, and which.
    consumed: HashMap<String, Name>,
    heard_at: Instant,
}

type Ctx = WebsocketContext<Connection>;

impl Connection {
    fn answer(&mut self, text: &str, ctx: &mut Ctx) {
        match serde_json::from_str::<Request>(text) {
            Ok(request) if request.id().to_string().len() > LONGEST_ID => {
                let detail = format!("id is longer than {LONGEST_ID} bytes: choose a shorter one");
                refuse(&Value::Null, 400, &detail, ctx);
            }
            Ok(Request::Subscribe { id, topics, after, epoch }) => {
                self.subscribe(id, &topics, after, epoch.as_deref(), ctx);
            }
            Ok(Request::Follow { id, process_id, attempt, offset }) => {
                self.follow(&id, &process_id, attempt, offset, ctx);
            }
            Ok(Request::Consume { id, subscription }) => {
                let whose = subscription.parse().map(Whose::Subscription);
                self.consume(&id, whose.map_err(|error| error.to_string()), ctx);
            }
            Ok(Request::Connect { id, agent_id }) => {
                let whose = agent_id.parse().map(|name| Whose::Agent(AgentId(name)));
                self.consume(&id, whose.map_err(|error: InvalidName| error.to_string()), ctx);
            }
            Ok(Request::Ack { id, position }) => self.acknowledge(id, position, ctx),
            Ok(Request::Nack { id, position, error, delay_ms }) => {
                self.nack(id, position, Reason::new(error, delay_ms), ctx);
            }
            Ok(Request::Unsubscribe { id }) => self.unsubscribe(&id, ctx),
            Ok(Request::Ping { id }) => ctx.text(Reply::Pong { id: &id }.text()),
            Err(error) => {
                let id = serde_json::from_str::<Value>(text).ok();
                let id = id.and_then(|mut value| value.get_mut("id").map(Value::take));
                let id = id.filter(|id| id.to_string().len() <= LONGEST_ID).unwrap_or_default();
                // The error may repeat what was said.
                let error: String = error.to_string().chars().take(500).collect();
                let detail = format!(
                    "not understood: {error}; say subscribe, consume, connect, ack, nack, unsubscribe, follow or ping"
                );
                ctx.text(Reply::Error { id: &id, status: 400, detail: &detail }.text());
            }
        }
    }

    fn subscribe(
        &mut self,
        id: Value,
        topics: &[String],
        after: Option<Position>,
        epoch: Option<&str>,
        ctx: &mut Ctx,
    ) {
        let journal = self.app.parts().journal.clone();
        let (head, current) = (journal.feed().head(), journal.epoch());
        let after = after.unwrap_or(head);
        if epoch.is_some_and(|epoch| epoch != current) || after > head {
            let detail = "this cursor belongs to another journal or epoch: begin at 0 again";
            return ctx.text(Reply::Gone { id: &id, epoch: current, detail }.text());
        }
        let patterns = match Patterns::parse(topics) {
            _ if topics.is_empty() => return refuse(&id, 400, "topics is empty: name some", ctx),
            _ if topics.len() > MOST_TOPICS => {
                let detail = format!("these are more than {MOST_TOPICS} topics: subscribe twice");
                return refuse(&id, 400, &detail, ctx);
            }
            Ok(patterns) if after >= 0 => patterns,
            Ok(_) => return refuse(&id, 400, "after has to be 0 or a position", ctx),
            Err(error) => return refuse(&id, 400, &error.to_string(), ctx),
        };
        if self.has_room_for(&id, ctx) {
            ctx.text(Reply::Subscribed { id: &id, after, head, epoch: current }.text());
            let subscription = journal.subscribe(patterns, after);
            self.add(&id.clone(), streams::messages(id, subscription), ctx);
        }
    }

    fn follow(
        &mut self,
        id: &Value,
        process_id: &str,
        attempt: Option<u32>,
        offset: u64,
        ctx: &mut Ctx,
    ) {
        let process_id = match process_id.parse::<Name>() {
            Ok(name) => ProcessId(name),
            Err(error) => return refuse(id, 400, &error.to_string(), ctx),
        };
        if self.has_room_for(id, ctx) {
            let journal = self.app.parts().journal.clone();
            let output = streams::output(id.clone(), journal, process_id, attempt, offset);
            self.add(id, output, ctx);
        }
    }

    fn consume(&mut self, id: &Value, whose: Result<Whose, String>, ctx: &mut Ctx) {
        let whose = match whose {
            Ok(whose) => whose,
            Err(error) => return refuse(id, 400, &error, ctx),
        };
        if self.has_room_for(id, ctx) {
            self.add(id, deliveries(id.clone(), self.app.clone(), whose), ctx);
        }
    }

    fn consumed(&self, id: &Value, ctx: &mut Ctx) -> Option<Name> {
        let name = self.consumed.get(&id.to_string()).cloned();
        if name.is_none() {
            refuse(id, 404, "no durable subscription is consumed under this id", ctx);
        }
        name
    }

    fn nack(
        &mut self,
        id: Value,
        position: Position,
        reason: Result<Reason, BadReason>,
        ctx: &mut Ctx,
    ) {
        let Some(name) = self.consumed(&id, ctx) else { return };
        let reason = match reason {
            Ok(reason) => reason,
            Err(error) => return refuse(&id, 422, &error.to_string(), ctx),
        };
        let hub = self.app.parts().hub.clone();
        let refused = async move { hub.refuse(&name, position, reason).await };
        ctx.spawn(refused.into_actor(self).map(move |result, connection, ctx: &mut Ctx| {
            ctx.text(match result {
                Ok(refused) => {
                    let (status, Refused { position, retry_count, .. }) =
                        (refused.status(), refused);
                    Reply::Nacked { id: &id, position, retry_count, status }.text()
                }
                Err(error) => refusal(&id, &connection.app, &error),
            });
        }));
    }

    fn acknowledge(&mut self, id: Value, position: Position, ctx: &mut Ctx) {
        let Some(name) = self.consumed(&id, ctx) else { return };
        let hub = self.app.parts().hub.clone();
        let acknowledged = async move { hub.acknowledge(&name, position).await };
        ctx.spawn(acknowledged.into_actor(self).map(move |result, connection, ctx: &mut Ctx| {
            ctx.text(match result {
                Ok(done) => Reply::Acked { id: &id, position: done.position }.text(),
                Err(error) => refusal(&id, &connection.app, &error),
            });
        }));
    }

    fn has_room_for(&self, id: &Value, ctx: &mut Ctx) -> bool {
        if self.followed.contains_key(&id.to_string()) {
            refuse(id, 409, "this id is in use: unsubscribe it first, or choose another", ctx);
            return false;
        }
        if self.followed.len() >= MOST {
            refuse(id, 429, "this connection follows as much as one may: open another", ctx);
            return false;
        }
        true
    }

    fn add(&mut self, id: &Value, news: impl Stream<Item = News> + 'static, ctx: &mut Ctx) {
        let handle = ctx.add_stream(news);
        self.followed.insert(id.to_string(), handle);
    }

    fn unsubscribe(&mut self, id: &Value, ctx: &mut Ctx) {
        match self.followed.remove(&id.to_string()) {
            Some(handle) => {
                ctx.cancel_future(handle);
                self.consumed.remove(&id.to_string());
                ctx.text(Reply::Unsubscribed { id }.text());
            }
            None => refuse(id, 404, "nothing is followed under this id", ctx),
        }
    }
}

impl alive::Alive for Connection {
    fn heard_at(&self) -> Instant {
        self.heard_at
    }
}

fn say(frames: Vec<String>, ctx: &mut Ctx) {
    for frame in frames {
        ctx.text(frame);
    }
}

fn refuse(id: &Value, status: u16, detail: &str, ctx: &mut Ctx) {
    ctx.text(Reply::Error { id, status, detail }.text());
}

impl Actor for Connection {
    type Context = Ctx;

    fn started(&mut self, ctx: &mut Ctx) {
        ending::with_the_server(&self.app, self, ctx);
        alive::ping_from_time_to_time(ctx);
    }
}

impl StreamHandler<Result<Message, ProtocolError>> for Connection {
    fn handle(&mut self, frame: Result<Message, ProtocolError>, ctx: &mut Ctx) {
        self.heard_at = Instant::now();
        match hear(&mut self.assembler, frame, ctx) {
            Some(Said::Text(text)) => self.answer(&text, ctx),
            Some(Said::Bytes(_)) => {
                refuse(&Value::Null, 400, "say it as JSON text, not as bytes", ctx);
            }
            None => {}
        }
    }
}

impl StreamHandler<News> for Connection {
    fn handle(&mut self, news: News, ctx: &mut Ctx) {
        match news {
            News::Frames(frames) => say(frames, ctx),
            News::Consuming(id, name, frame) => {
                self.consumed.insert(id.to_string(), name);
                ctx.text(frame);
            }
            News::End(id, frames) => {
                say(frames, ctx);
                self.consumed.remove(&id.to_string());
                self.followed.remove(&id.to_string());
            }
        }
    }

    /// That one stream has ended is no reason for the connection to end.
    fn finished(&mut self, _: &mut Ctx) {}
}
