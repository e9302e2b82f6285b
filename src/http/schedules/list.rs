//! `GET /schedules`: rows, newest first; and those that an operator should look at.

use super::super::pages;
use super::TABLE;
use crate::http::parameters::Query;
use crate::wire::{App, Problem};
use actix_web::{HttpResponse, web};
use callboard_actors::journal::RowFilter;
use callboard_actors::system::Warning;
use serde::Deserialize;
use serde_json::{Map, Value};

/// What a schedule can be.
const STATUSES: [&str; 4] = ["active", "paused", "failed", "ended"];

/// So many are warned of.
const MOST: usize = 20;

/// Which schedules are wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Filter {
    status: Option<String>,
    limit: Option<usize>,
    before: Option<i64>,
    #[serde(rename = "token")]
    _token: Option<String>,
}

/// `GET /schedules`
pub(in crate::http) async fn list(
    app: web::Data<App>,
    filter: Query<Filter>,
) -> Result<HttpResponse, Problem> {
    let Filter { status, limit, before, .. } = filter.into_inner();
    let status = status.map(|status| known(&status)).transpose()?;
    let filters = [status.map(|status| RowFilter::is("status", status))];
    pages::rows(&app, TABLE, filters, before, limit).await
}

fn known(status: &str) -> Result<String, Problem> {
    let status = status.to_lowercase();
    if STATUSES.contains(&status.as_str()) {
        return Ok(status);
    }
    let text = format!("{status:?} is no status: use one of {}", STATUSES.join(", "));
    Err(Problem::bad_request(text))
}

/// Those whose last time was in vain. Read from their rows: it is so also after a restart.
pub(in crate::http) async fn warnings(app: &App) -> Vec<Warning> {
    let filters = vec![RowFilter::from("failing", 1)];
    let page = app.parts().journal.reader().rows(TABLE, filters, None, MOST).await;
    // That the database cannot be read another check says.
    page.map(|page| page.items.iter().map(warning).collect()).unwrap_or_default()
}

fn warning(row: &Map<String, Value>) -> Warning {
    let text = |column: &str| row.get(column).and_then(Value::as_str).unwrap_or_default();
    let (id, starts, error) = (text("id"), text("starts"), text("error"));
    Warning {
        source: "schedules".into(),
        about: format!("schedule/{id}"),
        error: format!(
            "{starts} could not be started: {error}: `callboard why {id}` says what can be done"
        ),
    }
}
