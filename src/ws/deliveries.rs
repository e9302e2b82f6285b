//! What a durable subscription delivers, as a stream that the socket pulls; for an agent also its
//! presence, which ends with the stream.

use super::protocol::Reply;
use super::streams::{News, wait_after};
use crate::wire::App;
use callboard_actors::agents::{Presence, mailbox};
use callboard_actors::bus::{self, Consumer, Delivered, Error, Manner};
use callboard_actors::vocabulary::{AgentId, Name};
use futures::stream::{self, Stream};
use serde_json::Value;
use std::rc::Rc;

/// How many messages are taken at once: what the socket has not taken must not pile up.
const STEP: usize = 128;

/// Whose messages are wanted.
#[derive(Debug, Clone)]
pub(super) enum Whose {
    /// A subscription's.
    Subscription(Name),
    /// An agent's mailbox, which makes the agent connected.
    Agent(AgentId),
}

/// How far it has come.
enum Stage {
    Begin(App, Whose),
    Flow(Box<Flow>),
    Over,
}

struct Flow {
    consumer: Consumer,
    _presence: Option<Presence>,
}

/// A subscription's messages, until another consumer takes over.
pub(super) fn deliveries(id: Value, app: App, whose: Whose) -> impl Stream<Item = News> {
    let id = Rc::new(id);
    stream::unfold(Stage::Begin(app, whose), move |stage| {
        let id = Rc::clone(&id);
        async move {
            match stage {
                Stage::Begin(app, whose) => Some(begin(&id, &app, whose).await),
                Stage::Flow(mut flow) => {
                    let news = flow.next(&id).await;
                    let is_over = matches!(news, News::End(..));
                    Some((news, if is_over { Stage::Over } else { Stage::Flow(flow) }))
                }
                Stage::Over => None,
            }
        }
    })
}

async fn begin(id: &Value, app: &App, whose: Whose) -> (News, Stage) {
    match open(app, whose).await {
        Ok((flow, name)) => {
            let (position, epoch) = (flow.consumer.position(), app.parts().journal.epoch());
            let reply = Reply::Consuming { id, subscription: name.as_str(), position, epoch };
            (News::Consuming(id.clone(), name.clone(), reply.text()), Stage::Flow(Box::new(flow)))
        }
        Err(refused) => (News::End(id.clone(), vec![refused.text(id, app)]), Stage::Over),
    }
}

async fn open(app: &App, whose: Whose) -> Result<(Flow, Name), Refused> {
    let parts = app.parts();
    let (name, presence) = match whose {
        Whose::Subscription(name) => (name, None),
        Whose::Agent(agent) => {
            let presence = Presence::of(parts.agents.clone(), &parts.life, agent.clone());
            let presence = presence.await.map_err(|error| Refused::Agent(error.to_string()))?;
            (mailbox(&parts.hub, &agent).await?.name, Some(presence))
        }
    };
    let consumer = parts.hub.consume(&name, Manner::Staying).await?;
    Ok((Flow { consumer, _presence: presence }, name))
}

/// Why nothing is delivered.
enum Refused {
    Agent(String),
    Bus(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Bus(error)
    }
}

impl Refused {
    fn text(&self, id: &Value, app: &App) -> String {
        match self {
            Self::Agent(detail) => Reply::Error { id, status: 409, detail }.text(),
            Self::Bus(error) => refusal(id, app, error),
        }
    }
}

/// Why the bus does not do it, as a frame.
pub(super) fn refusal(id: &Value, app: &App, error: &Error) -> String {
    let detail = &error.to_string();
    let status = match error {
        Error::Gone(_) => {
            let epoch = app.parts().journal.epoch();
            return Reply::Gone { id, epoch, detail }.text();
        }
        Error::Unknown(_) => 404,
        Error::NotUnderWay { .. } => 409,
        Error::Ahead { .. } | Error::Topic(_) => 422,
        Error::Fault(_) => 503,
    };
    Reply::Error { id, status, detail }.text()
}

impl Flow {
    /// Nothing is awaited between what the bus gives and what the connection gets: an acknowledgement
    /// that was answered before is counted.
    async fn next(&mut self, id: &Value) -> News {
        tokio::task::yield_now().await;
        loop {
            match self.consumer.next(STEP).await {
                Ok(bus::News::Messages(messages)) => return News::Frames(frames(id, &messages)),
                Ok(bus::News::TakenOver) => return end(id, "another consumer took over"),
                Ok(bus::News::Closed) => return end(id, "the subscription was deleted"),
                Err(Error::Fault(fault)) => wait_after(&fault).await,
                Err(error) => return end(id, &error.to_string()),
            }
        }
    }
}

fn frames(id: &Value, messages: &[Delivered]) -> Vec<String> {
    let frame = |delivered: &Delivered| {
        let Delivered { message, retry_count } = delivered;
        let retry_count = Some(*retry_count).filter(|count| *count > 0);
        Reply::Message { id, message, retry_count }.text()
    };
    messages.iter().map(frame).collect()
}

fn end(id: &Value, detail: &str) -> News {
    News::End(id.clone(), vec![Reply::ConsumeEnd { id, detail }.text()])
}
