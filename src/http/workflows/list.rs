//! `GET /workflows`: rows, newest first.

use super::super::metrics::moment;
use super::super::query;
use crate::http::parameters::Query;
use crate::threads::TABLE;
use crate::wire::{App, Problem};
use actix_web::{HttpResponse, web};
use callboard_actors::journal::RowFilter;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What a workflow can be.
const STATUSES: [&str; 8] = [
    "running",
    "interrupted",
    "paused",
    "undoing",
    "cancelling",
    "completed",
    "failed",
    "cancelled",
];

/// Which workflows are wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Filter {
    #[serde(rename = "type")]
    definition: Option<String>,
    status: Option<String>,
    /// Those of this lineage; without it, those that nobody's node has started.
    root_id: Option<String>,
    /// Those that were forked from this one.
    forked_from: Option<String>,
    /// Those that replay this one.
    replay_of: Option<String>,
    /// Created at or after.
    from: Option<String>,
    /// Created before.
    to: Option<String>,
    /// A JSON object: each member has to be among what its run was given.
    params: Option<String>,
    limit: Option<usize>,
    before: Option<i64>,
    #[serde(rename = "token")]
    _token: Option<String>,
}

/// `GET /workflows`
pub(in crate::http) async fn list(
    app: web::Data<App>,
    filter: Query<Filter>,
) -> Result<HttpResponse, Problem> {
    let filter = filter.into_inner();
    let Filter { definition, status, root_id, from, to, params, limit, before, .. } = filter;
    let Filter { forked_from, replay_of, .. } = filter;
    let status = status.map(|status| known(&status)).transpose()?;
    let from = from.map(|text| moment("from", &text)).transpose()?;
    let to = to.map(|text| moment("to", &text)).transpose()?;
    let mut filters: Vec<RowFilter> = [
        definition.map(|name| RowFilter::is("type", name)),
        status.map(|status| in_status(status, root_id.is_none())),
        forked_from.map(|id| RowFilter::is("forked_from", id)),
        replay_of.map(|id| RowFilter::is("replay_of", id)),
        from.map(|moment| RowFilter::from("created_at", moment.0)),
        to.map(|moment| RowFilter::below("created_at", moment.0)),
        Some(match root_id {
            Some(root) => RowFilter::is("root_id", root),
            None => RowFilter::is_null("parent_id"),
        }),
    ]
    .into_iter()
    .flatten()
    .collect();
    for (name, value) in &params.map(|text| members(&text)).transpose()?.unwrap_or_default() {
        filters.push(RowFilter::member("params", name, value));
    }
    let reader = app.parts().journal.reader();
    let page = reader.rows(TABLE, filters, before, query::limit(limit)?).await?;
    Ok(HttpResponse::Ok().json(json!({ "items": page.items, "next": page.next })))
}

/// Where whole lineages are looked for, one is interrupted in which anybody asks: it is its root that people know.
fn in_status(status: String, of_roots: bool) -> RowFilter {
    match status.as_str() {
        "interrupted" if of_roots => RowFilter::named_by("id", "root_id", "interrupts", 1),
        _ => RowFilter::is("status", status),
    }
}

fn known(status: &str) -> Result<String, Problem> {
    let status = status.to_lowercase();
    if STATUSES.contains(&status.as_str()) {
        return Ok(status);
    }
    let text = format!("{status:?} is no status: use one of {}", STATUSES.join(", "));
    Err(Problem::bad_request(text))
}

fn members(text: &str) -> Result<Map<String, Value>, Problem> {
    serde_json::from_str(text).map_err(|_| {
        Problem::bad_request(r#"params has to be a JSON object, like {"topic":"tea"}"#)
    })
}
