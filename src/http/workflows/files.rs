//! `/workflows/{id}/files`: what was changed in its workspace, and by whom; and `/workflows/{id}/undo`, which takes it back.

use super::super::body::MaybeBody;
use super::super::keys;
use super::super::query::limit;
use crate::http::parameters::Query;
use crate::threads::{BY, DIFF_BYTES, diff, existing, text};
use crate::wire::{App, Problem};
use actix_web::{HttpRequest, HttpResponse, web};
use callboard_actors::journal::RowFilter;
use callboard_actors::vocabulary::{Position, Timestamp, WorkflowId, Workplace};
use callboard_actors::workflows::{Cut, Past};
use callboard_actors::workspaces::{By, Entry, FileState, Moment, Record, Settled, Touch, Trouble};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// So many others in the same folder are looked at.
const MOST_NEIGHBOURS: usize = 100;

/// Which part of the changes is wanted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Part {
    limit: Option<usize>,
    /// Changes with greater numbers.
    after: Option<u32>,
    /// Of this file alone: with what was changed in it.
    path: Option<String>,
    #[serde(rename = "token")]
    _token: Option<String>,
}

/// What an undo may be asked with.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Undo {
    to_step: Option<u32>,
    to_change: Option<u32>,
    #[serde(default)]
    force: bool,
}

/// `GET /workflows/{id}/files`: the changes, in their order.
pub(in crate::http) async fn files(
    app: web::Data<App>,
    id: web::Path<String>,
    wanted: Query<Part>,
) -> Result<HttpResponse, Problem> {
    let (workflow, _) = existing(&app, &id).await?;
    let place = workplace(&app, &workflow).await?;
    let Part { limit: most, after, path, .. } = wanted.into_inner();
    let (most, after) = (limit(most)?, after.unwrap_or(0));
    let entries = app.parts().workspaces.look(&place.record, |known| {
        let entries = known.entries().filter(|(entry, _)| entry.number > after);
        let of_path = |entry: &Entry| {
            let mut touches = entry.change.touches.iter();
            path.as_ref().is_none_or(|path| touches.any(|touch| touch.path == *path))
        };
        let entries = entries.filter(|(entry, _)| of_path(entry));
        entries.take(most).map(|(entry, at)| (entry.clone(), at)).collect::<Vec<_>>()
    });
    let entries = entries.await?;
    let mut items = Vec::new();
    for (entry, at) in &entries {
        let mut told = told(entry, *at);
        if let Some(path) = &path {
            let touches = entry.change.touches.iter().filter(|touch| touch.path == *path);
            for touch in touches {
                told["diff"] = diff(&app.parts().journal, touch, DIFF_BYTES).await?.into();
            }
        }
        items.push(told);
    }
    let next =
        if items.len() == most { items.last().map(|item| item["number"].clone()) } else { None };
    Ok(HttpResponse::Ok().json(json!({ "folder": place.folder, "items": items, "next": next })))
}

/// `POST /workflows/{id}/undo`: files alone; what nodes did elsewhere is a rollback's affair.
pub(in crate::http) async fn undo(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    MaybeBody(Undo { to_step, to_change, force }): MaybeBody<Undo>,
) -> Result<HttpResponse, Problem> {
    let (workflow, row) = existing(&app, &id).await?;
    let place = workplace(&app, &workflow).await?;
    if place.record != workflow {
        let root = &place.record;
        let text = format!(
            "{workflow} is a subgraph: what it changed is on the record of {root}, whose other nodes may have gone on \
             with it; undo that one, to a change or a step"
        );
        return Err(Problem::conflict(text));
    }
    if matches!(text(&row, "status"), "running" | "undoing" | "cancelling") {
        let text = format!(
            "the workflow is {}, and its agents may be changing files: pause or cancel it first",
            text(&row, "status")
        );
        return Err(Problem::conflict(text));
    }
    let call = keys::message_id(&request, "undo files", workflow.0.as_str())?;
    let to = moment(&app, &workflow, (to_step, to_change)).await?;
    let by = By { workflow_id: workflow.clone(), path: BY.into(), tool: "undo".into(), call };
    let (house, there) = (app.get_ref().clone(), place.clone());
    // A task of its own: a client that goes away takes nothing back half way.
    let undone =
        actix_rt::spawn(async move { house.parts().workspaces.undo(&there, to, force, by).await });
    let undone = undone.await.map_err(|error| Problem::unavailable(error).ask_again())?;
    let undone = undone.map_err(problem)?;
    let is_refused = !undone.conflicts.is_empty() || (!force && !undone.blocked.is_empty());
    if is_refused {
        let mut files = Vec::new();
        for path in &undone.conflicts {
            let other = changed_by(&app, &place, path).await?;
            let other = other.map(|id| format!(" (workflow {id} did)"));
            files.push(format!("{path}{}", other.unwrap_or_default()));
        }
        return Err(Problem::conflict(in_the_way(&files, &undone.blocked)));
    }
    let items: Vec<Value> = undone.changes.iter().map(|entry| told(entry, 0)).collect();
    let left = undone.blocked.iter().map(|(path, why)| json!({ "path": path, "why": why }));
    let left: Vec<Value> = left.collect();
    Ok(HttpResponse::Ok().json(json!({ "undone": items, "left": left })))
}

/// Why nothing was taken back, and what to do.
fn in_the_way(changed: &[String], blocked: &BTreeMap<String, String>) -> String {
    let mut parts = Vec::new();
    if !changed.is_empty() {
        let files = changed.join(", ");
        parts.push(format!(
            "somebody else has changed {files} since: with force what they made of it is kept on the record, and replaced"
        ));
    }
    for (path, why) in blocked {
        parts.push(format!("{path}: {why}: with force it is left, and the others are taken back"));
    }
    format!("nothing was undone: {}", parts.join("; "))
}

/// Which other workflow that works in the same folder has changed a file last; `None`: none that there is a record of.
async fn changed_by(app: &App, place: &Workplace, path: &str) -> Result<Option<String>, Problem> {
    let parts = app.parts();
    let same = vec![RowFilter::is("folder", place.folder.clone())];
    let rows = parts.journal.reader().rows("workspaces", same, None, MOST_NEIGHBOURS).await?;
    let mut newest: Option<(Timestamp, String)> = None;
    for row in rows.items.iter().filter(|row| text(row, "id") != place.record.0.as_str()) {
        let record = WorkflowId(text(row, "id").parse()?);
        let last = |known: &Record| {
            let touches = |entry: &Entry| entry.done().any(|touch| touch.path == path);
            let all = known.entries().map(|(entry, _)| entry);
            all.filter(|entry| touches(entry)).map(|entry| entry.at).max()
        };
        if let Some(at) = parts.workspaces.look(&record, last).await? {
            newest = newest.max(Some((at, record.to_string())));
        }
    }
    Ok(newest.map(|(_, id)| id))
}

/// How files are to be again; as they were at a step's checkpoint, say.
async fn moment(
    app: &App,
    workflow: &WorkflowId,
    said: (Option<u32>, Option<u32>),
) -> Result<Moment, Problem> {
    let step = match said {
        (None, None) => return Ok(Moment::Beginning),
        (None, Some(number)) => return Ok(Moment::Change(number)),
        (Some(step), None) => step,
        (Some(_), Some(_)) => {
            return Err(Problem::unprocessable("to_step and to_change: give one of them"));
        }
    };
    let cut = Cut::at(&app.parts().journal, workflow, Some(step)).await?;
    Ok(Moment::Position(cut.named.position))
}

async fn workplace(app: &App, workflow: &WorkflowId) -> Result<Workplace, Problem> {
    let past = Past::read(&app.parts().journal, workflow).await?;
    past.order.workplace.map(|place| *place).ok_or_else(|| {
        let text = format!("workflow {workflow} has no workspace: its definition names none");
        Problem::unprocessable(text)
    })
}

fn told(entry: &Entry, at: Position) -> Value {
    let Entry { number, change, settled, at: when } = entry;
    let files: Vec<Value> = change.touches.iter().map(file).collect();
    let mut told = json!({
        "number": number, "at": when, "files": files, "tool": change.by.tool, "by": change.by.path,
        "workflow_id": change.by.workflow_id, "call": change.by.call,
    });
    if at > 0 {
        told["position"] = at.into();
    }
    match settled {
        None => told["status"] = "under way".into(),
        Some(Settled::Done) => told["status"] = "done".into(),
        Some(Settled::Conflict { path, why, .. }) => {
            told["status"] = "conflict".into();
            told["error"] = format!("{path}: {why}").into();
        }
    }
    told
}

fn file(touch: &Touch) -> Value {
    let state = |state: &Option<FileState>| {
        state.as_ref().map(|state| {
            let mode = format!("{:04o}", state.mode);
            json!({ "hash": state.hash(), "bytes": state.content.bytes, "mode": mode })
        })
    };
    let what = match (&touch.before, &touch.after) {
        (None, _) => "created",
        (_, None) => "deleted",
        _ => "changed",
    };
    let (before, after) = (state(&touch.before), state(&touch.after));
    json!({ "path": touch.path, "what": what, "before": before, "after": after })
}

pub(super) fn problem(trouble: Trouble) -> Problem {
    match trouble {
        Trouble::Refused(text) => Problem::unprocessable(text),
        Trouble::Passing(text) => Problem::unavailable(text).ask_again(),
    }
}
