//! Pages of lists: so many items, and where the next page begins. A page that is not full is the last.

use super::query;
use crate::wire::{App, Problem};
use actix_web::HttpResponse;
use callboard_actors::journal::RowFilter;
use serde::Serialize;
use serde_json::json;

/// A page of a read model, newest first.
pub(super) async fn rows(
    app: &App,
    table: &'static str,
    filters: impl IntoIterator<Item = Option<RowFilter>>,
    before: Option<i64>,
    limit: Option<usize>,
) -> Result<HttpResponse, Problem> {
    let filters = filters.into_iter().flatten().collect();
    let reader = app.parts().journal.reader();
    let page = reader.rows(table, filters, before, query::limit(limit)?).await?;
    Ok(HttpResponse::Ok().json(json!({ "items": page.items, "next": page.next })))
}

/// A page of items that were read as `limit` said; the next one begins behind the last one's key.
pub(super) fn page<T: Serialize, K: Serialize>(
    items: &[T],
    limit: usize,
    key: impl FnOnce(&T) -> K,
) -> HttpResponse {
    let next = items.last().filter(|_| items.len() == limit).map(key);
    HttpResponse::Ok().json(json!({ "items": items, "next": next }))
}
