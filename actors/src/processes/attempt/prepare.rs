//! Getting an attempt's work ready: the prompt, and what was said before in its session.

use super::execute::{Past, Work};
use crate::journal::{Journal, ReadError, home};
use crate::processes::command::{Ended, ErrorKind};
use crate::processes::effect::Attempt;
use crate::vocabulary::{Reference, SessionId, StreamId};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The work of an attempt; or how it ends, because what it needs cannot be read.
pub(super) async fn prepare(journal: &Journal, attempt: Attempt) -> Result<Work, Ended> {
    let prompt = text(journal, &attempt.prompt, "the prompt").await?;
    let system = match &attempt.pinned.system {
        Some(system) => Some(text(journal, system, "the system prompt").await?),
        None => None,
    };
    let tools = list(journal, attempt.pinned.tools.as_deref(), "its tools").await?;
    let results = list(journal, attempt.pinned.results.as_deref(), "its tools' results").await?;
    let schema = value(journal, attempt.pinned.schema.as_deref(), "the form of its answer").await?;
    check_session(journal, &attempt.session_id).await?;
    let history = history(journal, &attempt.session_id).await?;
    Ok(Work { attempt, prompt, system, history, tools, results, schema, equipment: None })
}

/// What lies there as JSON; nothing, where nothing was pinned.
async fn list<T: DeserializeOwned>(
    journal: &Journal,
    content: Option<&Reference>,
    what: &str,
) -> Result<Vec<T>, Ended> {
    value(journal, content, what).await.map(Option::unwrap_or_default)
}

async fn value<T: DeserializeOwned>(
    journal: &Journal,
    content: Option<&Reference>,
    what: &str,
) -> Result<Option<T>, Ended> {
    let Some(content) = content else { return Ok(None) };
    let text = text(journal, content, what).await?;
    serde_json::from_str(&text).map(Some).map_err(|error| {
        let error = format!("failed to read {what}: {error}");
        Ended::unasked(ErrorKind::Final, error)
    })
}

async fn text(journal: &Journal, content: &Reference, what: &str) -> Result<String, Ended> {
    let read = journal.content(content.clone()).await;
    let bytes = read.map_err(|error| unreadable(&error, what))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A session that was ended takes no answer: nobody is to pay for one.
async fn check_session(journal: &Journal, session: &SessionId) -> Result<(), Ended> {
    let stream = StreamId { kind: "session", name: session.0.clone() };
    let parked = journal.reader().parked_stream(stream).await;
    match parked.map_err(|fault| Ended::passing(fault.to_string()))? {
        Some(parked) if parked.failed => {
            let error = format!(
                "session {session} was ended by {} ({}): spawn into another session",
                parked.by, parked.why
            );
            Err(Ended::unasked(ErrorKind::Final, error))
        }
        _ => Ok(()),
    }
}

/// What was said in the session: the lines within its committed length, behind those with which it began.
async fn history(journal: &Journal, session: &SessionId) -> Result<Vec<Past>, Ended> {
    let (mut pieces, mut piece) = (Vec::new(), Some((session.clone(), u64::MAX)));
    while let Some((session, most)) = piece {
        let stream = StreamId { kind: "session", name: session.0.clone() };
        let row = journal.reader().row("sessions", stream).await;
        let Some(row) = row.map_err(|fault| Ended::passing(fault.to_string()))? else { break };
        let number = |column| row.get(column).and_then(Value::as_u64);
        let length = number("bytes").unwrap_or_default().min(most);
        pieces.push(lines(journal, &session, length).await?);
        let from = row.get("branched_from").and_then(Value::as_str);
        let from = from.and_then(|from| Some(SessionId(from.parse().ok()?)));
        piece = from.zip(number("branched_bytes"));
    }
    // The provider's conversation is that of the other session, which goes on for itself.
    let apart = |past: Past| Past { provider_session: None, ..past };
    let own = if pieces.is_empty() { Vec::new() } else { pieces.remove(0) };
    let before = pieces.into_iter().rev().flatten().map(apart);
    Ok(before.chain(own).collect())
}

async fn lines(journal: &Journal, session: &SessionId, length: u64) -> Result<Vec<Past>, Ended> {
    if length == 0 {
        return Ok(Vec::new());
    }
    let file = home::session_log(session);
    let read = journal.files().run(move |files| files.read_prefix(&file, length)).await;
    let text =
        read.map_err(|error| Ended::passing(format!("failed to read the session: {error}")))?;
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    // A line of another kind (written by hand, or by a newer program) is no turn.
    Ok(lines.filter_map(|line| serde_json::from_slice(line).ok()).collect())
}

fn unreadable(error: &ReadError, what: &str) -> Ended {
    let text = format!("failed to read {what}: {error}");
    match error {
        ReadError::Io { .. } | ReadError::Fault(_) => Ended::passing(text),
        _ => Ended::unasked(ErrorKind::Final, text),
    }
}
