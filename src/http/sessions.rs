//! `/sessions`: conversations, and what was said in them.

use super::{pages, query};
use crate::http::parameters::Query;
use crate::wire::App;
use crate::wire::Problem;
use actix_web::{HttpResponse, web};
use callboard_actors::entity::Directory;
use callboard_actors::journal::home;
use callboard_actors::sessions::Session;
use callboard_actors::vocabulary::SessionId;
use serde::Deserialize;
use serde_json::{Value, json};

const TABLE: &str = "sessions";

/// Which page is wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    limit: Option<usize>,
    before: Option<i64>,
    #[serde(rename = "token")]
    _token: Option<String>,
}

/// `GET /sessions`, newest first.
pub(super) async fn list(app: web::Data<App>, page: Query<Page>) -> Result<HttpResponse, Problem> {
    pages::rows(&app, TABLE, [], page.before, page.limit).await
}

/// Which turns are wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Turns {
    #[serde(default)]
    after_line: usize,
    limit: Option<usize>,
    #[serde(rename = "token")]
    _token: Option<String>,
}

/// `GET /sessions/{id}`: the session and its turns, of which only those within the committed length
/// have been said.
pub(super) async fn show(
    app: web::Data<App>,
    id: web::Path<String>,
    turns: Query<Turns>,
) -> Result<HttpResponse, Problem> {
    let name = query::name(&id)?;
    let limit = query::limit(turns.limit)?;
    let journal = &app.parts().journal;
    let row = journal.reader().row(TABLE, Directory::<Session>::stream(&name)).await?;
    let row = row.ok_or_else(|| Problem::not_found(format!("there is no session {id}")))?;
    let length = row.get("bytes").and_then(Value::as_u64).unwrap_or(0);
    let file = home::session_log(&SessionId(name));
    let read = journal.files().run(move |files| files.read_prefix(&file, length)).await;
    let text =
        read.map_err(|error| Problem::gone(format!("the session's file cannot be read: {error}")))?;
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let turns_read: Vec<Value> = lines
        .skip(turns.after_line)
        .take(limit)
        .map(|line| serde_json::from_slice(line).unwrap_or(Value::Null))
        .collect();
    let next = turns.after_line + turns_read.len();
    Ok(HttpResponse::Ok().json(json!({ "session": row, "turns": turns_read, "next_line": next })))
}
