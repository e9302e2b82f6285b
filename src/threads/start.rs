//! [`accept`] and [`run_again`]: where a workflow, or another run of one, begins. What was told before is found to be so,
//! by the command's id.

use super::known::{BY, existing, row, text};
use super::launch;
use super::request::Request;
use crate::wire::{App, Problem};
use callboard_actors::entity::{Directory, TellError};
use callboard_actors::machine::tagged;
use callboard_actors::vocabulary::{Hash, MessageId, WorkflowId};
use callboard_actors::workflows::{Command, OnRunning, Past, Refusal, Workflow, next_run};
use serde::Serialize;
use serde_json::{Value, json};

/// What whoever asked is told: it is durable.
#[derive(Debug, Clone, Serialize)]
pub struct Receipt {
    /// Which workflow it is.
    pub workflow_id: WorkflowId,
    /// Which run it is at.
    pub run: Value,
    /// How it stands.
    pub status: String,
    /// So many runs wait for the end of that one, where another was put behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queued: Option<u32>,
    /// Of which workflow it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forked_from: Option<Value>,
    /// Which workflow it runs again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replay_of: Option<Value>,
}

/// Takes the request as a new one, finds that it was taken before, or that it is about a workflow that is there.
pub async fn accept(
    app: App,
    workflow: WorkflowId,
    told: MessageId,
    is_fresh: bool,
    request: Request,
) -> Result<Receipt, Problem> {
    let _turn = app.turns().take(&workflow.0).await;
    let asked = asked(&request)?;
    let first = if is_fresh { None } else { first(&app, &workflow).await? };
    match first {
        None => begin(&app, workflow, told, is_fresh, asked, request).await,
        Some(first) if first.told == told.to_string() && first.asked == asked => {
            receipt(&app, &workflow).await
        }
        Some(first) if first.told == told.to_string() => {
            let text = "this Idempotency-Key was used before for another request: use a new one";
            Err(Problem::unprocessable(text))
        }
        Some(first) => {
            fits(&first, &request)?;
            run_again(&app, &workflow, told, request.params, request.on_running).await
        }
    }
}

async fn begin(
    app: &App,
    workflow: WorkflowId,
    told: MessageId,
    is_fresh: bool,
    asked: Hash,
    request: Request,
) -> Result<Receipt, Problem> {
    // Before anything is stored for it: it could only be refused.
    if let Some(held) = app.parts().workflows.held() {
        return Err(TellError::<Refusal>::Parked(held).into());
    }
    let command =
        Command::StartWorkflow(launch::order(app, &workflow, asked, request).await?.into());
    let workflows = &app.parts().workflows;
    if is_fresh {
        workflows.tell_fresh(&workflow.0, told, command).await?;
    } else {
        workflows.tell(&workflow.0, told, command).await?;
    }
    receipt(app, &workflow).await
}

/// What has to be the same when a request comes again: what the client said.
pub fn asked(request: &Request) -> Result<Hash, Problem> {
    let text = serde_json::to_vec(request).map_err(Problem::internal)?;
    Ok(Hash::of(&text))
}

/// How a workflow began.
#[derive(Debug)]
pub struct First {
    /// By which command.
    pub told: String,
    /// What was asked for.
    pub asked: Hash,
    definition: String,
}

/// How a workflow began; `None`: there is no such workflow.
pub async fn first(app: &App, workflow: &WorkflowId) -> Result<Option<First>, Problem> {
    let stream = Directory::<Workflow>::stream(&workflow.0);
    let loaded = app.parts().journal.load(stream, 0).await?;
    let Some(first) = loaded.messages.first() else { return Ok(None) };
    let command = tagged::join(&first.event_type, first.data.get()).map_err(Problem::internal)?;
    let Command::StartWorkflow(order) = command else {
        return Err(Problem::internal(
            "a workflow begins with another command than START_WORKFLOW",
        ));
    };
    let told = first.message_id.clone().unwrap_or_default();
    Ok(Some(First { told, asked: order.asked, definition: order.definition }))
}

/// What is settled with a workflow's start cannot be asked for another run.
fn fits(first: &First, request: &Request) -> Result<(), Problem> {
    let Request { definition, limits, runtime, priority, .. } = request;
    if let Some(other) = definition.as_ref().filter(|name| **name != first.definition) {
        let text = format!("the workflow is a {}, not a {other}", first.definition);
        return Err(Problem::unprocessable(text));
    }
    let is_settled = limits.is_some() || runtime.is_some() || priority.is_some();
    if is_settled {
        let text =
            "the workflow exists: its limits, runtime and priority are those it was started with";
        return Err(Problem::unprocessable(text));
    }
    Ok(())
}

/// Another run of a workflow that is there; without params it goes on.
pub async fn run_again(
    app: &App,
    workflow: &WorkflowId,
    told: MessageId,
    params: Option<Value>,
    on_running: Option<OnRunning>,
) -> Result<Receipt, Problem> {
    let command = match params.filter(|params| !params.is_null()) {
        None => Command::Resume { by: BY.into() },
        Some(params) if params == json!({}) && is_resumable(app, workflow).await? => {
            Command::Resume { by: BY.into() }
        }
        Some(params) => {
            let journal = &app.parts().journal;
            let past = Past::read(journal, workflow).await?;
            let bundle = past.bundle(journal).await?;
            let definition = launch::definition(&bundle, &past.order.definition)?;
            let run = next_run(journal, definition, &params).await.map_err(launch::refused)?;
            Command::StartRun { run, on_running: on_running.unwrap_or_default() }
        }
    };
    let is_put_behind = matches!(command, Command::StartRun { on_running: OnRunning::Enqueue, .. });
    app.parts().workflows.tell(&workflow.0, told, command).await?;
    let receipt = receipt(app, workflow).await?;
    if !is_put_behind {
        return Ok(receipt);
    }
    let past = Past::read(&app.parts().journal, workflow).await?;
    Ok(Receipt { queued: Some(past.workflow.queued()).filter(|waiting| *waiting > 0), ..receipt })
}

async fn is_resumable(app: &App, workflow: &WorkflowId) -> Result<bool, Problem> {
    let (_, row) = existing(app, workflow.0.as_str()).await?;
    Ok(matches!(text(&row, "status"), "paused" | "failed" | "interrupted"))
}

/// How a workflow that is there stands.
pub async fn receipt(app: &App, workflow: &WorkflowId) -> Result<Receipt, Problem> {
    let row = row(app, workflow).await?;
    let row = row.ok_or_else(|| Problem::not_found(format!("there is no workflow {workflow}")))?;
    let made_of = |name: &str| row.get(name).filter(|source| !source.is_null()).cloned();
    Ok(Receipt {
        workflow_id: workflow.clone(),
        run: row.get("run").cloned().unwrap_or_default(),
        status: text(&row, "status").to_owned(),
        queued: None,
        forked_from: made_of("forked_from"),
        replay_of: made_of("replay_of"),
    })
}
