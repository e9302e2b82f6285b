//! `POST /messages`: something said on a topic. Outside the house's own topics clients speak freely.

use super::body::Body;
use super::{keys, letters, spawn};
use crate::wire::App;
use crate::wire::Problem;
use actix_web::{HttpRequest, HttpResponse, web};
use callboard_actors::bus::{Publication, PublishError, Unfit};
use callboard_actors::vocabulary::MessageId;
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

/// `POST /messages`
pub(super) async fn publish(
    app: web::Data<App>,
    request: HttpRequest,
    Body(body): Body<Request>,
) -> Result<HttpResponse, Problem> {
    let key = keys::idempotency_key(&request)?;
    Publication::check_topic(&body.topic)?;
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

/// What cannot be said is the client's to mend.
impl From<Unfit> for Problem {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::TooLong { .. } => Self::too_large(unfit),
            _ => Self::unprocessable(unfit),
        }
    }
}

async fn say(app: &App, key: Option<String>, request: Request) -> Result<HttpResponse, Problem> {
    let id = match &key {
        Some(key) => MessageId::derived(&[keys::PRINCIPAL, "publish", key]),
        None => MessageId::fresh(),
    };
    let Request { topic, event_type, data, correlation_id } = request;
    let correlation = correlation_id.map(MessageId);
    let publication = Publication { topic: topic.clone(), event_type, data, correlation };
    let key = key.map(|key| format!("{}:{key}", keys::PRINCIPAL));
    let published = publication.publish(&app.parts().journal, id, key).await;
    let position = published.map_err(|error| match error {
        PublishError::Unfit(unfit) => unfit.into(),
        PublishError::OtherMessage => Problem::unprocessable(
            "this Idempotency-Key was used before for another message: use a new one",
        ),
        PublishError::Fault(fault) => fault.into(),
    })?;
    let receipt = json!({ "message_id": id, "position": position, "topic": topic });
    Ok(HttpResponse::Accepted().json(receipt))
}
