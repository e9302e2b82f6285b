//! Workflows that a schedule starts, and runs that it begins: the same requests as clients send, under ids that derive
//! from the schedule's, so that what is told again after a crash is the same.

use crate::threads::{self, Request, accept, asked, existing, run_again};
use crate::wire::{App, Problem};
use callboard_actors::entity::Directory;
use callboard_actors::vocabulary::{MessageId, Name, WorkflowId};
use callboard_actors::workflows::{OnRunning, Past, Workflow, next_run};
use serde::Deserialize;
use serde_json::{Value, json};

/// Another run of a workflow.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Run {
    workflow_id: String,
    params: Option<Value>,
    on_running: Option<OnRunning>,
}

fn request(data: Value) -> Result<Request, Problem> {
    let request: Request = serde_json::from_value(data)
        .map_err(|error| Problem::unprocessable(format!("workflow: {error}")))?;
    if request.workflow_id.is_some() || request.on_running.is_some() {
        let text = "workflow: each time starts a workflow of its own: leave workflow_id and on_running out, or use run for another run of one";
        return Err(Problem::unprocessable(text));
    }
    Ok(request)
}

fn run(data: Value) -> Result<Run, Problem> {
    serde_json::from_value(data).map_err(|error| Problem::unprocessable(format!("run: {error}")))
}

/// Starts a workflow of this name, or finds that it was started.
pub(in crate::http) async fn start_as(app: &App, name: Name, data: Value) -> Result<(), Problem> {
    let told = MessageId::derived(&["schedule", "start workflow", name.as_str()]);
    accept(app.clone(), WorkflowId(name), told, false, request(data)?).await.map(drop)
}

/// Whether such a workflow would be started now.
pub(in crate::http) async fn check(app: &App, data: Value) -> Result<(), Problem> {
    let request = request(data)?;
    let asked = asked(&request)?;
    threads::order(app, &WorkflowId(Name::fresh()), asked, request).await.map(drop)
}

/// Begins another run, or finds that it was begun: `name` tells this time from all others.
pub(in crate::http) async fn run_as(
    app: &App,
    name: &Name,
    data: Value,
) -> Result<WorkflowId, Problem> {
    let Run { workflow_id, params, on_running } = run(data)?;
    let (workflow, _) = existing(app, &workflow_id).await?;
    let told = MessageId::derived(&["schedule", "run workflow", name.as_str()]);
    let _turn = app.turns().take(&workflow.0).await;
    // What it would be told by now may be something else: it works on the state that it finds.
    if !was_told(app, &workflow, told).await? {
        run_again(app, &workflow, told, params, on_running).await?;
    }
    Ok(workflow)
}

async fn was_told(app: &App, workflow: &WorkflowId, told: MessageId) -> Result<bool, Problem> {
    let stream = Directory::<Workflow>::stream(&workflow.0);
    let loaded = app.parts().journal.load(stream, 0).await?;
    let told = told.to_string();
    let mut messages = loaded.messages.iter();
    Ok(messages.any(|m| m.message_id.as_ref() == Some(&told) && m.error.is_none()))
}

/// Whether such a run could begin: its workflow is there, and takes what it is given.
pub(in crate::http) async fn check_run(app: &App, data: Value) -> Result<(), Problem> {
    let Run { workflow_id, params, .. } = run(data)?;
    let workflow = existing(app, &workflow_id).await;
    let (workflow, _) =
        workflow.map_err(|problem| Problem::unprocessable(format!("run: {}", problem.detail())))?;
    let Some(params) = params.filter(|params| !params.is_null() && *params != json!({})) else {
        return Ok(());
    };
    let journal = &app.parts().journal;
    let past = Past::read(journal, &workflow).await?;
    let bundle = past.bundle(journal).await?;
    let definition = threads::definition(&bundle, &past.order.definition)?;
    next_run(journal, definition, &params).await.map(drop).map_err(threads::refused)
}
