//! [`perform`]: what a client says is done, as HTTP does it. An id that is told again gives the first receipt.

use super::frame::Reply;
use super::opening::Thread;
use super::request::Request;
use crate::threads::{self, Receipt, accept, completed, first, text_input};
use crate::wire::{App, PRINCIPAL, Problem};
use callboard_actors::graph::Definition;
use callboard_actors::vocabulary::{MessageId, Name, WorkflowId};
use callboard_actors::workflows::{Command, OnRunning, Past};
use serde_json::{Map, Value, json};

/// Does what was said about an open thread; the answer, as text.
pub(super) async fn perform(
    app: &App,
    thread: &Thread,
    wanted: Request,
) -> Result<String, Problem> {
    let id = wanted.id().clone();
    let workflow = &thread.workflow;
    match wanted {
        Request::Message { text, params, on_running, .. } => {
            let said = Said { text, params, on_running };
            let receipt = message(app, thread, &id, said).await?;
            return Ok(accepted(&id, &receipt));
        }
        Request::Answer { interrupt_id, value, by, .. } => {
            let interrupt_id: Name = interrupt_id.parse()?;
            let told = told(&id, "answer", interrupt_id.as_str());
            let by = by.unwrap_or_else(|| "chat".into());
            threads::answer(app, workflow.0.as_str(), told, interrupt_id, value, by).await?;
        }
        Request::Cancel { undo, .. } => {
            let command =
                |by| if undo { Command::CancelAndUndo { by } } else { Command::Cancel { by } };
            steer(app, workflow, &id, "cancel", command).await?;
        }
        Request::Pause { .. } => {
            steer(app, workflow, &id, "pause", |by| Command::Pause { by }).await?;
        }
        Request::Resume { .. } => {
            steer(app, workflow, &id, "resume", |by| Command::Resume { by }).await?;
        }
        Request::Retry { .. } => {
            steer(app, workflow, &id, "retry", |by| Command::Retry { by }).await?;
        }
        // The session answers these itself.
        Request::Open(_) | Request::Ping { .. } => {
            return Err(Problem::internal("this is not about an open thread"));
        }
    }
    Ok(accepted(&id, &threads::receipt(app, workflow).await?))
}

fn accepted(id: &Value, receipt: &Receipt) -> String {
    let Receipt { workflow_id, run, status, .. } = receipt;
    Reply::Accepted { id, workflow_id, run, status }.text()
}

/// The command's id: the same for the same id of the client's.
fn told(id: &Value, verb: &str, target: &str) -> MessageId {
    if id.is_null() {
        return MessageId::fresh();
    }
    MessageId::derived(&[PRINCIPAL, "chat", verb, target, &id.to_string()])
}

async fn steer(
    app: &App,
    workflow: &WorkflowId,
    id: &Value,
    verb: &str,
    command: impl FnOnce(String) -> Command,
) -> Result<(), Problem> {
    threads::existing(app, workflow.0.as_str()).await?;
    let told = told(id, verb, workflow.0.as_str());
    threads::tell(app, workflow, told, command("chat".into())).await
}

/// A message's content.
struct Said {
    text: Option<String>,
    params: Option<Map<String, Value>>,
    on_running: Option<OnRunning>,
}

/// Begins the thread, or its next run. What a later run is not given it has from the first: that never changes, so the
/// same message told again is the same.
async fn message(app: &App, thread: &Thread, id: &Value, said: Said) -> Result<Receipt, Problem> {
    let workflow = thread.workflow.clone();
    let told = told(id, "message", workflow.0.as_str());
    let begun = first(app, &workflow).await?;
    let is_first = begun.is_none_or(|first| first.told == told.to_string());
    let params = if is_first {
        let entry = threads::entry(app, &thread.definition)?;
        params(&entry.written.definition, json!({}), said.text, said.params)?
    } else {
        let journal = &app.parts().journal;
        let past = Past::read(journal, &workflow).await?;
        let bundle = past.bundle(journal).await?;
        let definition = threads::definition(&bundle, &past.order.definition)?;
        let known = journal.value(&past.order.run.input).await?;
        params(definition, known, said.text, said.params)?
    };
    let request = threads::Request {
        definition: Some(thread.definition.clone()),
        params: Some(params),
        on_running: said.on_running,
        ..threads::Request::default()
    };
    // A task of its own: a client that goes away takes nothing back half way.
    let receipt = actix_rt::spawn(accept(app.clone(), workflow, told, false, request)).await;
    receipt.map_err(|error| Problem::unavailable(error).ask_again())?
}

/// What a run is given.
fn params(
    definition: &Definition,
    known: Value,
    text: Option<String>,
    params: Option<Map<String, Value>>,
) -> Result<Value, Problem> {
    if text.is_none() && params.is_none() {
        let problem =
            "a message without content: say text, params, or both; `resume` goes on after a pause";
        return Err(Problem::unprocessable(problem));
    }
    let mut said = params.unwrap_or_default();
    if let Some(text) = text {
        let name = text_input(definition).ok_or_else(|| {
            let names: Vec<&String> = definition
                .input
                .get("properties")
                .and_then(Value::as_object)
                .into_iter()
                .flat_map(Map::keys)
                .collect();
            Problem::unprocessable(format!(
                "text: {} has no input for a sentence: say params instead ({names:?})",
                definition.name
            ))
        })?;
        said.insert(name, text.into());
    }
    Ok(completed(known, said))
}
