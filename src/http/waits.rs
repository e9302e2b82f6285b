//! What a process waits for, in words: nothing may stand still without saying why. Only looks; whose
//! turn it is, admission decides.

use crate::wire::App;
use crate::wire::Problem;
use callboard_actors::entity::Directory;
use callboard_actors::journal::{Parked, RowFilter};
use callboard_actors::sessions::Session;
use callboard_actors::vocabulary::Name;
use serde_json::{Map, Value};

/// Why a process with this row does not go on by itself; `None`: it is at work, or has ended.
pub(super) async fn waits_for(
    app: &App,
    row: &Map<String, Value>,
) -> Result<Option<String>, Problem> {
    let text = |column: &str| row.get(column).and_then(Value::as_str).unwrap_or_default();
    let session = text("session_id");
    match text("status") {
        "PENDING" | "RETRY" if let Some(held) = app.parts().processes.held() => {
            Ok(Some(format!("all processes are held by {}: {}", held.by, held.why)))
        }
        "PENDING" => Ok(Some(match busy(app, session).await? {
            Some(id) => {
                let by = format!("process {id} of the same session has its turn");
                damage(app, session)
                    .await?
                    .map_or(by.clone(), |damage| format!("{by}, and {damage}"))
            }
            None => format!("a free place at the runtime {}", text("runtime")),
        })),
        "PARKED" => Ok(Some(
            "an operator: its executor has gone; resume, retry or fail it in /actors/processes"
                .into(),
        )),
        "RETRY" => Ok(Some("the moment due_at, then a free place at its runtime".into())),
        "SUCCESS" => {
            let usual = || format!("session {session} takes the answer in");
            Ok(Some(damage(app, session).await?.unwrap_or_else(usual)))
        }
        _ => Ok(None),
    }
}

/// The process whose turn it is in a session.
async fn busy(app: &App, session: &str) -> Result<Option<String>, Problem> {
    let reader = app.parts().journal.reader();
    for status in ["STARTING", "RUNNING", "SUCCESS", "CANCELLING"] {
        let filters = vec![
            RowFilter::is("session_id", session.to_owned()),
            RowFilter::is("status", status.to_owned()),
        ];
        let found = reader.rows("processes", filters, None, 1).await?.items.pop();
        if let Some(id) = found.as_ref().and_then(|row| row.get("id")?.as_str()) {
            return Ok(Some(id.to_owned()));
        }
    }
    Ok(None)
}

/// Why a session takes nothing, if it does not.
async fn damage(app: &App, session: &str) -> Result<Option<String>, Problem> {
    let name: Name = session.parse()?;
    let stream = Directory::<Session>::stream(&name);
    let parked = app.parts().journal.reader().parked_stream(stream).await?;
    Ok(parked.map(|Parked { by, why, .. }| {
        format!(
            "session {session} is parked by {by} ({why}): retry, skip or fail /sessions/{session}"
        )
    }))
}
