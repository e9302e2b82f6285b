//! `/processes`: lists, answers, output, and the things one can do to a process.

use super::{keys, pages, query, waits};
use crate::http::parameters::Query;
use crate::wire::App;
use crate::wire::Problem;
use actix_web::{HttpRequest, HttpResponse, web};
use callboard_actors::entity::Directory;
use callboard_actors::journal::RowFilter;
use callboard_actors::processes::{Chunk, Command, Process, read_output};
use callboard_actors::vocabulary::{MessageId, Name, ProcessId};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::io::{BufRead, BufReader};
use std::time::Duration;
use tokio::time::Instant;

const TABLE: &str = "processes";

/// What a process can be, in the order of its life.
const STATUSES: [&str; 13] = [
    "PENDING",
    "STARTING",
    "RUNNING",
    "SUCCESS",
    "COMPLETED",
    "RETRY",
    "HELD",
    "INDETERMINATE",
    "DEAD",
    "CANCELLING",
    "CANCELLED",
    "FAILED",
    "PARKED",
];

/// Which processes are wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Filter {
    status: Option<String>,
    runtime: Option<String>,
    session_id: Option<String>,
    agent_id: Option<String>,
    workflow_id: Option<String>,
    limit: Option<usize>,
    before: Option<i64>,
    #[serde(rename = "token")]
    _token: Option<String>,
}

/// `GET /processes`, newest first.
pub(super) async fn list(
    app: web::Data<App>,
    filter: Query<Filter>,
) -> Result<HttpResponse, Problem> {
    let Filter { status, runtime, session_id, agent_id, workflow_id, limit, before, .. } =
        filter.into_inner();
    let columns = [
        ("status", status.map(|status| known(&status)).transpose()?),
        ("runtime", runtime),
        ("session_id", session_id),
        ("agent_id", agent_id),
        ("workflow_id", workflow_id),
    ];
    let filters = columns.map(|(column, value)| Some(RowFilter::is(column, value?)));
    pages::rows(&app, TABLE, filters, before, limit).await
}

fn known(status: &str) -> Result<String, Problem> {
    let status = status.to_uppercase();
    if STATUSES.contains(&status.as_str()) {
        return Ok(status);
    }
    let text = format!("{status:?} is no status: use one of {}", STATUSES.join(", "));
    Err(Problem::bad_request(text))
}

/// A process's row; `None`: there is no such process.
pub(super) async fn row(app: &App, name: &Name) -> Result<Option<Map<String, Value>>, Problem> {
    let stream = Directory::<Process>::stream(name);
    Ok(app.parts().journal.reader().row(TABLE, stream).await?)
}

async fn existing(app: &App, id: &str) -> Result<(Name, Map<String, Value>), Problem> {
    let name = query::name(id)?;
    match row(app, &name).await? {
        Some(row) => Ok((name, row)),
        None => Err(Problem::not_found(format!("there is no process {id}"))),
    }
}

/// `GET /processes/{id}`
pub(super) async fn show(
    app: web::Data<App>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let (name, mut row) = existing(&app, &id).await?;
    let stream = Directory::<Process>::stream(&name);
    if let Some(parked) = app.parts().journal.reader().parked_stream(stream).await? {
        row.insert(
            "parked".into(),
            json!({ "by": parked.by, "why": parked.why, "since": parked.since }),
        );
    }
    if let Some(reason) = waits::waits_for(&app, &row).await? {
        row.insert("waits_for".into(), reason.into());
    }
    Ok(HttpResponse::Ok().json(row))
}

/// `GET /processes/{id}/response`: the line that the answer got in its session.
pub(super) async fn response(
    app: web::Data<App>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let (_, row) = existing(&app, &id).await?;
    let text = |column: &str| row.get(column).and_then(Value::as_str).map(str::to_owned);
    let line = row.get("response_line").and_then(Value::as_u64);
    let (Some(file), Some(line)) = (text("response_file"), line) else {
        let status = text("status").unwrap_or_default();
        let why = text("error").map(|error| format!(" ({error})")).unwrap_or_default();
        return Err(Problem::conflict(format!(
            "the process is {status}{why}: there is no answer yet"
        )));
    };
    let path = file.clone();
    let files = app.parts().journal.files();
    let found = files.run(move |files| {
        let number = usize::try_from(line).unwrap_or(usize::MAX);
        let log = BufReader::new(std::fs::File::open(files.home().path(&path))?);
        log.lines().nth(number.saturating_sub(1)).transpose()
    });
    let gone = || Problem::gone(format!("line {line} of {file} is gone"));
    let mut turn: Map<String, Value> = match found.await {
        Ok(Some(text)) => serde_json::from_str(&text).map_err(|_| gone())?,
        Ok(None) => return Err(gone()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(gone()),
        Err(error) => return Err(Problem::unavailable(error)),
    };
    turn.insert("response_file".into(), file.into());
    turn.insert("response_line".into(), line.into());
    Ok(HttpResponse::Ok().json(turn))
}

/// Which part of the output is wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Part {
    attempt: Option<u32>,
    #[serde(default)]
    offset: u64,
    wait_s: Option<u64>,
    #[serde(rename = "token")]
    _token: Option<String>,
}

/// `GET /processes/{id}/output`: what was said behind an offset, waiting for it for a while.
pub(super) async fn output(
    app: web::Data<App>,
    id: web::Path<String>,
    part: Query<Part>,
) -> Result<HttpResponse, Problem> {
    let process_id = ProcessId(query::name(&id)?);
    let Part { attempt, offset, wait_s, .. } = part.into_inner();
    let deadline = Instant::now() + query::wait(wait_s)?;
    loop {
        let chunk = read_output(&app.parts().journal, &process_id, attempt, offset).await?;
        let chunk: Chunk =
            chunk.ok_or_else(|| Problem::not_found(format!("there is no process {id}")))?;
        if !chunk.data.is_empty() || chunk.is_over || query::is_over(&app, deadline) {
            return Ok(HttpResponse::Ok().json(chunk));
        }
        // Output files are plain files, perhaps another program's: they are looked at, as `tail` does.
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
}

/// `POST /processes/{id}/cancel`
pub(super) async fn cancel(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let told = keys::message_id(&request, "cancel", &id)?;
    tell(&app, &id, told, Command::Cancel { by: "api".into() }).await
}

/// `POST /processes/{id}/retry`
pub(super) async fn retry(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let told = keys::message_id(&request, "retry", &id)?;
    tell(&app, &id, told, Command::Retry { by: "api".into() }).await
}

/// `POST /processes/{id}/fail`
pub(super) async fn fail(
    app: web::Data<App>,
    id: web::Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let told = keys::message_id(&request, "fail", &id)?;
    tell(&app, &id, told, Command::Fail { by: "api".into() }).await
}

async fn tell(
    app: &App,
    id: &str,
    told: MessageId,
    command: Command,
) -> Result<HttpResponse, Problem> {
    let (name, _) = existing(app, id).await?;
    app.parts().processes.tell(&name, told, command).await?;
    let (_, row) = existing(app, id).await?;
    Ok(HttpResponse::Accepted().json(row))
}
