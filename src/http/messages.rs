//! `GET /messages`: the journal, read by position.

use super::query;
use crate::http::parameters::Query;
use crate::wire::App;
use crate::wire::Problem;
use actix_web::{HttpResponse, web};
use callboard_actors::journal::{Journal, Message};
use callboard_actors::vocabulary::{Name, Patterns, Position};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
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
    filter: Query<Filter>,
) -> Result<HttpResponse, Problem> {
    let journal = &app.parts().journal;
    let filter = filter.into_inner();
    if filter.epoch.as_deref().is_some_and(|epoch| epoch != journal.epoch()) {
        let text =
            "this cursor belongs to another epoch: the journal was restored; begin at 0 again";
        return Err(Problem::gone(text));
    }
    if !is_reached(journal, filter.after).await {
        let text = "this cursor lies beyond the journal's end: it belongs to another journal; begin at 0 again";
        return Err(Problem::gone(text));
    }
    let limit = query::limit(filter.limit)?;
    let deadline = Instant::now() + query::wait(filter.wait_s)?;
    let wanted = Wanted::of(&filter, limit)?;
    let (items, next) = wanted.wait(&app, filter.after, deadline).await?;
    let (head, epoch) = (journal.feed().head(), journal.epoch());
    Ok(HttpResponse::Ok().json(Answer { items, next, head, epoch }))
}

/// Messages as they were written: they are not taken apart for it.
#[derive(Serialize)]
struct Answer<'a> {
    items: Vec<Arc<Message>>,
    next: Position,
    head: Position,
    epoch: &'a str,
}

/// How long a position that a reader may have seen a moment early is waited for.
const MOMENT: Duration = Duration::from_millis(500);

/// Whether the journal has got as far as this position.
async fn is_reached(journal: &Journal, position: Position) -> bool {
    let mut head = journal.feed().watch();
    tokio::time::timeout(MOMENT, head.wait_for(|head| *head >= position)).await.is_ok()
}

/// What is looked for.
struct Wanted {
    patterns: Option<Patterns>,
    stream: Option<(String, Name)>,
    limit: usize,
}

type Found = (Vec<Arc<Message>>, Position);

impl Wanted {
    fn of(filter: &Filter, limit: usize) -> Result<Self, Problem> {
        if filter.after < 0 {
            return Err(Problem::bad_request("after has to be 0 or a position"));
        }
        let patterns = filter.topic.as_ref().map(|topics| {
            let topics: Vec<&str> = topics.split(',').map(str::trim).collect();
            Patterns::parse(&topics)
        });
        let stream = filter.stream.as_deref().map(stream).transpose()?;
        Ok(Self { patterns: patterns.transpose()?, stream, limit })
    }

    /// Looks again whenever something was committed, until there is something or the time is over.
    async fn wait(&self, app: &App, after: Position, deadline: Instant) -> Result<Found, Problem> {
        let journal = &app.parts().journal;
        let (mut after, mut head) = (after, journal.feed().watch());
        loop {
            head.mark_unchanged();
            let seen = journal.feed().head();
            let (items, next) = self.look(journal, after).await?;
            after = next.max(after);
            if !items.is_empty() || query::is_over(app, deadline) {
                return Ok((items, after));
            }
            if self.stream.is_some() || after >= seen {
                query::news(app, &mut head, deadline).await;
            }
        }
    }

    async fn look(&self, journal: &Journal, after: Position) -> Result<Found, Problem> {
        let Some((kind, name)) = &self.stream else {
            let head = journal.feed().head();
            let page = journal.messages(self.patterns.clone(), after, self.limit).await?;
            // At the end, too: whoever went on from where it began would get the last page again.
            let seen = page.items.last().map_or(after, |message| message.position).max(head);
            return Ok((page.items, page.next.unwrap_or(seen)));
        };
        let loaded = journal.reader().stream_named(kind.clone(), name.clone(), after).await?;
        let matching = loaded.messages.into_iter().filter(|message| self.matches(message));
        let items: Vec<_> = matching.take(self.limit).map(Arc::new).collect();
        let next = items.last().map_or(after, |message| message.position);
        Ok((items, next))
    }

    fn matches(&self, message: &Message) -> bool {
        let Some(patterns) = &self.patterns else { return true };
        message.topic.as_deref().is_some_and(|topic| patterns.matches(topic))
    }
}

fn stream(text: &str) -> Result<(String, Name), Problem> {
    let bad = || Problem::bad_request(format!("{text:?} is no stream: write kind/id"));
    let (kind, name) = text.split_once('/').ok_or_else(bad)?;
    Ok((kind.to_owned(), query::name(name)?))
}
