//! `/agents/{id}/messages`: an agent's mailbox, durable, until the agent acknowledges.

use super::agents::existing;
use super::body::{Body, read};
use super::{keys, query};
use crate::http::parameters::Query;
use crate::wire::App;
use crate::wire::Problem;
use actix_web::{HttpRequest, HttpResponse, web};
use callboard_actors::agents::{Command, Letter, letters, mailbox};
use callboard_actors::vocabulary::{AgentId, MessageId, Name, Position};
use serde::Deserialize;
use serde_json::{Value, json};

/// What is to be said.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    from: Option<String>,
    event_type: Option<String>,
    correlation_id: Option<String>,
    data: Value,
}

/// `POST /agents/{id}/messages`
pub(super) async fn send(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    Body(body): Body<Request>,
) -> Result<HttpResponse, Problem> {
    let (agent, _) = existing(&app, &id).await?;
    let letter = letter(body)?;
    let id = keys::message_id(&request, "message", agent.0.as_str())?;
    deliver(&app, agent, id, letter).await
}

fn letter(request: Request) -> Result<Letter, Problem> {
    let Request { from, event_type, correlation_id, data } = request;
    let from = from.map(|from| from.parse::<Name>()).transpose();
    let from = from.map_err(Problem::unprocessable)?;
    let letter = Letter { from, event_type, correlation_id, data };
    letter.check()?;
    Ok(letter)
}

/// The same as it is published on `claude.agent.message`: with its addressee in `to`.
pub(super) async fn publish(
    app: &App,
    key: Option<&str>,
    mut data: Value,
) -> Result<HttpResponse, Problem> {
    let to = data.as_object_mut().and_then(|data| data.remove("to").or(data.remove("agent_id")));
    let to = to.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
    let (agent, _) = match existing(app, &to).await {
        Err(_) if to.is_empty() => {
            return Err(Problem::unprocessable("data lacks `to`: the agent that is written to"));
        }
        found => found?,
    };
    let request: Request = read(data)?;
    let id = match key {
        Some(key) => MessageId::derived(&[keys::PRINCIPAL, "message", agent.0.as_str(), key]),
        None => MessageId::fresh(),
    };
    deliver(app, agent, id, letter(request)?).await
}

async fn deliver(
    app: &App,
    agent: AgentId,
    id: MessageId,
    letter: Letter,
) -> Result<HttpResponse, Problem> {
    let receipt = app.parts().agents.tell(&agent.0, id, Command::Receive(letter)).await?;
    // The message stands right behind the command that brought it about.
    let position = receipt.position + 1;
    Ok(HttpResponse::Accepted().json(json!({ "agent_id": agent, "position": position })))
}

/// Which messages are wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    after: Option<Position>,
    limit: Option<usize>,
    #[serde(rename = "token")]
    _token: Option<String>,
}

/// `GET /agents/{id}/messages`: what has not been acknowledged, or everything behind a position.
pub(super) async fn list(
    app: web::Data<App>,
    id: web::Path<String>,
    filter: Query<Filter>,
) -> Result<HttpResponse, Problem> {
    let (agent, _) = existing(&app, &id).await?;
    let mailbox = mailbox(&app.parts().hub, &agent).await?;
    let (after, limit) = (filter.after.unwrap_or(mailbox.position), query::limit(filter.limit)?);
    let items = letters(&app.parts().journal, &agent, after, limit).await?;
    let next = items.last().map_or(after, |message| message.position);
    Ok(HttpResponse::Ok().json(json!({
        "items": items,
        "next": next,
        "acknowledged": mailbox.position,
        "subscription": mailbox.name,
    })))
}
