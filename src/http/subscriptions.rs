//! `/subscriptions`: durable cursors, and what lies behind them.

use super::body::Body;
use super::{pages, query};
use crate::http::parameters::Query;
use crate::wire::App;
use crate::wire::Problem;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpResponse, web};
use callboard_actors::bus::{Consumer, Delivered, Error, Manner, News, Reason, Refused, Terms};
use callboard_actors::journal::{Message, SubscriptionRow};
use callboard_actors::vocabulary::{Name, Position};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// What a subscription is to be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    id: Option<String>,
    subscriber: String,
    #[serde(default)]
    topics: Vec<String>,
    topic_pattern: Option<String>,
    after: Option<Position>,
    ack_wait_ms: Option<u64>,
    max_deliveries: Option<u32>,
}

/// `POST /subscriptions`: 201, or 200 with the one that is there already.
pub(super) async fn open(
    app: web::Data<App>,
    Body(body): Body<Request>,
) -> Result<HttpResponse, Problem> {
    let terms = terms(body)?;
    terms.check(app.parts().journal.feed().head())?;
    let (subscriber, topics) = (terms.subscriber.clone(), terms.topics.clone());
    let (row, is_new) = app.parts().hub.open(terms).await?;
    if row.subscriber != subscriber.as_str() || row.topics != topics || row.stream.is_some() {
        return Err(Problem::conflict(format!(
            "the subscription {} is there already, for {} and {}: choose another id, or delete it first",
            row.name,
            row.subscriber,
            row.topics.join(", ")
        )));
    }
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    let location = format!("/subscriptions/{}", row.name);
    Ok(HttpResponse::build(status).insert_header((LOCATION, location)).json(shown(&app, row)))
}

fn terms(request: Request) -> Result<Terms, Problem> {
    let Request { id, subscriber, mut topics, topic_pattern, after, ack_wait_ms, max_deliveries } =
        request;
    topics.extend(topic_pattern);
    let name = |text: String| text.parse::<Name>().map_err(Problem::unprocessable);
    Ok(Terms {
        id: id.map(name).transpose()?,
        subscriber: name(subscriber)?,
        topics,
        after,
        ack_wait: ack_wait_ms.map_or(Terms::ACK_WAIT, Duration::from_millis),
        max_deliveries: max_deliveries.unwrap_or(Terms::MAX_DELIVERIES),
    })
}

/// A subscription, and how far it is behind.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    row: SubscriptionRow,
    behind: Position,
}

fn shown(app: &App, row: SubscriptionRow) -> Shown {
    let behind = (app.parts().journal.feed().head() - row.position).max(0);
    Shown { row, behind }
}

/// Which subscriptions are wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    subscriber: Option<String>,
    after: Option<String>,
    limit: Option<usize>,
    #[serde(rename = "token")]
    _token: Option<String>,
}

/// `GET /subscriptions`, by id.
pub(super) async fn list(
    app: web::Data<App>,
    filter: Query<Filter>,
) -> Result<HttpResponse, Problem> {
    let Filter { subscriber, after, limit, .. } = filter.into_inner();
    let limit = query::limit(limit)?;
    let reader = app.parts().journal.reader();
    let rows = reader.subscriptions(subscriber, after.unwrap_or_default(), limit).await?;
    let items: Vec<Shown> = rows.into_iter().map(|row| shown(&app, row)).collect();
    Ok(pages::page(&items, limit, |shown| shown.row.name.clone()))
}

/// `GET /subscriptions/{id}`
pub(super) async fn show(
    app: web::Data<App>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let row = app.parts().hub.row(&query::name(&id)?).await?;
    Ok(HttpResponse::Ok().json(shown(&app, row)))
}

/// `DELETE /subscriptions/{id}`, with its dead messages.
pub(super) async fn close(
    app: web::Data<App>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let (hub, name) = (&app.parts().hub, query::name(&id)?);
    if hub.row(&name).await?.stream.is_some() {
        return Err(Problem::conflict("this is an agent's mailbox: unregister the agent instead"));
    }
    hub.close(&name).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// How much is wanted, and how long it may take.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    limit: Option<usize>,
    wait_s: Option<u64>,
    #[serde(rename = "token")]
    _token: Option<String>,
}

/// A message, and how often it was delivered in vain.
#[derive(Serialize)]
struct Item {
    #[serde(flatten)]
    message: Arc<Message>,
    #[serde(skip_serializing_if = "is_first")]
    retry_count: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde calls")]
fn is_first(retry_count: &u32) -> bool {
    *retry_count == 0
}

/// `GET /subscriptions/{id}/messages`: what has not been acknowledged, waiting for it for a while.
pub(super) async fn consume(
    app: web::Data<App>,
    id: web::Path<String>,
    part: Query<Part>,
) -> Result<HttpResponse, Problem> {
    let limit = query::limit(part.limit)?;
    let deadline = Instant::now() + query::wait(part.wait_s)?;
    let mut consumer = app.parts().hub.consume(&query::name(&id)?, Manner::Calling).await?;
    let messages = next(&app, &mut consumer, limit, deadline).await?;
    let items: Vec<Item> = messages
        .into_iter()
        .map(|Delivered { message, retry_count }| Item { message, retry_count })
        .collect();
    let (position, epoch) = (consumer.position(), app.parts().journal.epoch());
    let active = !consumer.is_paused();
    let answer = json!({ "items": items, "position": position, "epoch": epoch, "active": active });
    Ok(HttpResponse::Ok().json(answer))
}

async fn next(
    app: &App,
    consumer: &mut Consumer,
    limit: usize,
    deadline: Instant,
) -> Result<Vec<Delivered>, Problem> {
    let head = app.parts().journal.feed().head();
    let mut news = consumer.look(limit, head).await?;
    if news.is_none() && Instant::now() < deadline {
        let mut closing = app.closing();
        news = tokio::select! {
            news = consumer.next(limit) => Some(news?),
            _ = closing.wait_for(|closing| *closing) => None,
            () = tokio::time::sleep_until(deadline) => None,
        };
    }
    match news {
        None => Ok(Vec::new()),
        Some(News::Messages(messages)) => Ok(messages),
        Some(News::TakenOver) => {
            Err(Problem::conflict("another consumer took over: a subscription has one at a time"))
        }
        Some(News::Closed) => Err(Problem::gone("the subscription was deleted")),
    }
}

/// What has been handled.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ack {
    position: Position,
    epoch: Option<String>,
}

/// `POST /subscriptions/{id}/ack`: everything up to a position.
pub(super) async fn acknowledge(
    app: web::Data<App>,
    id: web::Path<String>,
    Body(body): Body<Ack>,
) -> Result<HttpResponse, Problem> {
    let name = query::name(&id)?;
    check_epoch(&app, &name, body.epoch.as_deref())?;
    let acknowledged = app.parts().hub.acknowledge(&name, body.position).await?;
    Ok(HttpResponse::Ok().json(json!({ "id": name, "position": acknowledged.position })))
}

fn check_epoch(app: &App, name: &Name, epoch: Option<&str>) -> Result<(), Problem> {
    match epoch {
        Some(epoch) if epoch != app.parts().journal.epoch() => {
            Err(Error::Gone(name.clone()).into())
        }
        _ => Ok(()),
    }
}

/// What has not been handled.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nack {
    position: Position,
    error: Option<String>,
    delay_ms: Option<u64>,
    epoch: Option<String>,
}

/// `POST /subscriptions/{id}/nack`: this one is to come again, later.
pub(super) async fn refuse(
    app: web::Data<App>,
    id: web::Path<String>,
    Body(body): Body<Nack>,
) -> Result<HttpResponse, Problem> {
    let name = query::name(&id)?;
    let Nack { position, error, delay_ms, epoch } = body;
    check_epoch(&app, &name, epoch.as_deref())?;
    let reason = Reason::new(error, delay_ms).map_err(Problem::unprocessable)?;
    let refused = app.parts().hub.refuse(&name, position, reason).await?;
    let (status, Refused { position, retry_count, .. }) = (refused.status(), refused);
    let answer =
        json!({ "id": name, "position": position, "retry_count": retry_count, "status": status });
    Ok(HttpResponse::Ok().json(answer))
}

/// `POST /subscriptions/{id}/pause`
pub(super) async fn pause(
    app: web::Data<App>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    activate(&app, &id, false).await
}

/// `POST /subscriptions/{id}/resume`
pub(super) async fn resume(
    app: web::Data<App>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    activate(&app, &id, true).await
}

async fn activate(app: &App, id: &str, active: bool) -> Result<HttpResponse, Problem> {
    let row = app.parts().hub.activate(&query::name(id)?, active).await?;
    Ok(HttpResponse::Ok().json(shown(app, row)))
}

/// Which dead messages are wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Dead {
    subscription: Option<String>,
    before: Option<Position>,
    limit: Option<usize>,
    #[serde(rename = "token")]
    _token: Option<String>,
}

/// `GET /messages/dead`, newest first.
pub(super) async fn dead(
    app: web::Data<App>,
    filter: Query<Dead>,
) -> Result<HttpResponse, Problem> {
    let limit = query::limit(filter.limit)?;
    let name = filter.subscription.as_deref().map(query::name).transpose()?;
    let before = filter.before.unwrap_or(Position::MAX);
    let items = app.parts().journal.reader().dead(name, before, limit).await?;
    Ok(pages::page(&items, limit, |letter| letter.message.position))
}

/// To whom a dead message goes once more.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Whom {
    subscription: Option<String>,
    #[serde(rename = "token")]
    _token: Option<String>,
}

/// `POST /messages/{position}/retry`
pub(super) async fn redrive(
    app: web::Data<App>,
    position: web::Path<String>,
    whom: Query<Whom>,
) -> Result<HttpResponse, Problem> {
    let bad = || Problem::bad_request(format!("{position:?} is no position of a message"));
    let at: Position = position.parse().map_err(|_| bad())?;
    let name = whom.subscription.as_deref().map(query::name).transpose()?;
    if app.parts().hub.redrive(at, name).await? {
        return Ok(HttpResponse::Accepted().json(json!({ "position": at, "status": "pending" })));
    }
    Err(Problem::not_found(format!(
        "message {at} is not dead there: `GET /messages/dead` shows which are"
    )))
}
