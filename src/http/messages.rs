//! `GET /messages`: the journal, read by position.

use super::problem::Problem;
use super::query;
use crate::wire::App;
use actix_web::{HttpResponse, web};
use callboard_actors::journal::{Journal, Message};
use callboard_actors::vocabulary::{Patterns, Position};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;
use tokio::time::Instant;

/// Which messages are wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    topic: Option<String>,
    stream: Option<String>,
    #[serde(default)]
    after: Position,
    epoch: Option<String>,
    limit: Option<usize>,
    wait_s: Option<u64>,
    #[serde(rename = "token")]
    _token: Option<String>,
}

/// `GET /messages`: what happened behind a position, waiting for it for a while.
pub(super) async fn list(
    app: web::Data<App>,
    filter: web::Query<Filter>,
) -> Result<HttpResponse, Problem> {
    let journal = &app.parts().journal;
    let filter = filter.into_inner();
    if filter.epoch.as_deref().is_some_and(|epoch| epoch != journal.epoch()) {
        let text =
            "this cursor belongs to another epoch: the journal was restored; begin at 0 again";
        return Err(Problem::gone(text));
    }
    let limit = query::limit(filter.limit)?;
    let (items, next) = match &filter.stream {
        Some(stream) => of_stream(journal, stream, &filter, limit).await?,
        None => everything(journal, &filter, limit).await?,
    };
    let (head, epoch) = (journal.feed().head(), journal.epoch());
    Ok(HttpResponse::Ok()
        .json(json!({ "items": items, "next": next, "head": head, "epoch": epoch })))
}

type Found = (Vec<Arc<Message>>, Position);

async fn everything(journal: &Journal, filter: &Filter, limit: usize) -> Result<Found, Problem> {
    let patterns = filter.topic.as_ref().map(|topics| {
        let topics: Vec<&str> = topics.split(',').map(str::trim).collect();
        Patterns::parse(&topics)
    });
    let patterns = patterns.transpose()?;
    let deadline = Instant::now() + query::wait(filter.wait_s)?;
    let mut head = journal.feed().watch();
    let mut after = filter.after;
    loop {
        head.mark_unchanged();
        let page = journal.messages(patterns.clone(), after, limit).await?;
        after = page.next.unwrap_or(after).max(after);
        if !page.items.is_empty() || Instant::now() >= deadline {
            return Ok((page.items, after));
        }
        if after < journal.feed().head() {
            continue;
        }
        // Whether news came or the time is over: look once more.
        let _ = tokio::time::timeout_at(deadline, head.changed()).await;
    }
}

async fn of_stream(
    journal: &Journal,
    stream: &str,
    filter: &Filter,
    limit: usize,
) -> Result<Found, Problem> {
    let bad = || Problem::bad_request(format!("{stream:?} is no stream: write kind/id"));
    let (kind, name) = stream.split_once('/').ok_or_else(bad)?;
    let name = query::name(name)?;
    let loaded = journal.reader().stream_named(kind.to_owned(), name, filter.after).await?;
    let items: Vec<_> = loaded.messages.into_iter().take(limit).map(Arc::new).collect();
    let next = items.last().map_or(filter.after, |message| message.position);
    Ok((items, next))
}
