//! `GET /audit`: who was allowed or refused what.

use super::query;
use crate::http::parameters::Query;
use crate::wire::{App, Problem};
use actix_web::{HttpResponse, web};
use callboard_actors::journal::AuditFilter;
use serde::Deserialize;
use serde_json::json;

/// Which decisions are wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    call_id: Option<String>,
    actor: Option<String>,
    workflow_id: Option<String>,
    tool: Option<String>,
    allowed: Option<bool>,
    rule: Option<String>,
    before: Option<i64>,
    limit: Option<usize>,
    #[serde(rename = "token")]
    _token: Option<String>,
}

/// `GET /audit`: the newest first. `next` is the `before` to go on with, if there are more.
pub(super) async fn list(
    app: web::Data<App>,
    wanted: Query<Wanted>,
) -> Result<HttpResponse, Problem> {
    let Wanted { call_id, actor, workflow_id, tool, allowed, rule, before, limit, .. } =
        wanted.into_inner();
    let limit = query::limit(limit)?;
    let filter =
        AuditFilter { call_id, actor, workflow_id, tool, allowed, rule, before, limit: limit + 1 };
    let mut items = app.parts().journal.reader().audit(filter).await?;
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(|row| row.id);
    Ok(HttpResponse::Ok().json(json!({ "items": items, "next": next })))
}
