//! `POST /messages`: something said on a topic. Outside the house's own topics clients speak freely.

use super::letters::{self, check_size};
use super::{keys, spawn};
use crate::wire::App;
use crate::wire::Problem;
use actix_web::{HttpRequest, HttpResponse, web};
use callboard_actors::journal::{Entered, Entry, MessageKind, NewMessage};
use callboard_actors::vocabulary::{MessageId, Position};
use serde::Deserialize;
use serde_json::{Value, json};

/// What is to be said.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    topic: String,
    event_type: Option<String>,
    data: Value,
    correlation_id: Option<uuid::Uuid>,
}

/// The type of a message whose sender names none.
const EVENT_TYPE: &str = "MESSAGE";

/// `POST /messages`
pub(super) async fn publish(
    app: web::Data<App>,
    request: HttpRequest,
    body: web::Json<Request>,
) -> Result<HttpResponse, Problem> {
    let key = keys::idempotency_key(&request)?;
    let body = body.into_inner();
    check_topic(&body.topic)?;
    let root = app.parts().journal.topic_root();
    match body.topic.strip_prefix(root).and_then(|rest| rest.strip_prefix('.')) {
        Some("spawn.request") => spawn::order_by_message(&app, key, body.data).await,
        Some("agent.message") => letters::publish(&app, key.as_deref(), body.data).await,
        Some(_) => Err(Problem::unprocessable(format!(
            "topics below {root}. are the house's own: clients may publish {root}.spawn.request and {root}.agent.message there, and anything elsewhere"
        ))),
        None => say(&app, key, body).await,
    }
}

fn check_topic(topic: &str) -> Result<(), Problem> {
    let is_fine = |level: &str| {
        !level.is_empty() && !level.contains(|c: char| "*>%".contains(c) || c.is_whitespace())
    };
    if topic.len() <= 256 && topic.split('.').all(is_fine) && !topic.contains(char::is_control) {
        return Ok(());
    }
    Err(Problem::unprocessable(format!(
        "{:?} is no topic to publish on: use levels without white space, *, > and %, separated by dots, at most 256 bytes",
        topic.chars().take(100).collect::<String>()
    )))
}

async fn say(app: &App, key: Option<String>, request: Request) -> Result<HttpResponse, Problem> {
    let event_type = request.event_type.unwrap_or_else(|| EVENT_TYPE.to_owned());
    if !(1..=100).contains(&event_type.len()) || event_type.chars().any(char::is_control) {
        return Err(Problem::unprocessable("event_type has to be 1 to 100 bytes"));
    }
    let topic = request.topic;
    let message_id = match &key {
        Some(key) => MessageId::derived(&[keys::PRINCIPAL, "publish", key]),
        None => MessageId::fresh(),
    };
    let message = NewMessage {
        kind: MessageKind::Publication,
        message_id: Some(message_id),
        topic: Some(topic.clone()),
        event_type,
        error: None,
        data: check_size(&request.data)?,
        caused_by: None,
        correlation: request.correlation_id.map(MessageId),
    };
    let position = match key {
        Some(key) => once(app, format!("{}:{key}", keys::PRINCIPAL), message).await?,
        None => app.parts().journal.publish(message).await?.first,
    };
    let receipt = json!({ "message_id": message_id, "position": position, "topic": topic });
    Ok(HttpResponse::Accepted().json(receipt))
}

async fn once(app: &App, key: String, message: NewMessage) -> Result<Position, Problem> {
    match app.parts().journal.enter(Entry::Publish { key, message }).await? {
        Entered::Published(position) | Entered::Repeated(position) => Ok(position),
        _ => Err(Problem::unprocessable(
            "this Idempotency-Key was used before for another message: use a new one",
        )),
    }
}
