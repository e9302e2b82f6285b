//! `POST /workflows` and `POST /workflows/{id}/runs`: where a workflow, or another run of one, begins.

use super::super::body::Body;
use super::super::keys::{self, PRINCIPAL};
use super::{BY, existing, launch, text};
use crate::wire::{App, Problem};
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use callboard_actors::entity::{Directory, TellError};
use callboard_actors::graph::Limits;
use callboard_actors::machine::tagged;
use callboard_actors::vocabulary::{Hash, MessageId, Name, WorkflowId};
use callboard_actors::workflows::{Command, OnRunning, Past, Refusal, Workflow, next_run};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a client asks for.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Request {
    /// The definition's name.
    #[serde(rename = "type")]
    pub(super) definition: Option<String>,
    pub(super) params: Option<Value>,
    pub(super) workflow_id: Option<String>,
    pub(super) limits: Option<Limits>,
    pub(super) on_running: Option<OnRunning>,
    pub(super) runtime: Option<String>,
    pub(super) priority: Option<i32>,
}

/// Another run.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Run {
    params: Option<Value>,
    on_running: Option<OnRunning>,
}

/// `POST /workflows`: answers when it is durable.
pub(in crate::http) async fn start(
    app: web::Data<App>,
    request: HttpRequest,
    Body(wanted): Body<Request>,
) -> Result<HttpResponse, Problem> {
    let (key, request) = (keys::idempotency_key(&request)?, wanted);
    let named = request.workflow_id.as_deref().map(str::parse::<Name>).transpose();
    let named = named.map_err(|error| Problem::unprocessable(format!("workflow_id: {error}")))?;
    let is_fresh = named.is_none() && key.is_none();
    let name = match (named, &key) {
        (Some(name), _) => name,
        (None, Some(key)) => Name::derived(&[PRINCIPAL, "workflow", key]),
        (None, None) => Name::fresh(),
    };
    let workflow = WorkflowId(name);
    let told = told(key.as_deref(), "start workflow", &workflow);
    let accepted = accept(app.get_ref().clone(), workflow, told, is_fresh, request);
    // A task of its own: a client that goes away takes nothing back half way.
    let accepted = actix_rt::spawn(accepted).await;
    accepted.map_err(|error| Problem::unavailable(error).ask_again())?
}

/// `POST /workflows/{id}/runs`
pub(in crate::http) async fn run(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    Body(body): Body<Run>,
) -> Result<HttpResponse, Problem> {
    let key = keys::idempotency_key(&request)?;
    let (workflow, _) = existing(&app, &id).await?;
    let told = told(key.as_deref(), "run workflow", &workflow);
    let app = app.get_ref().clone();
    let work = async move {
        let _turn = app.turns().take(&workflow.0).await;
        run_again(&app, &workflow, told, body.params, body.on_running).await
    };
    actix_rt::spawn(work).await.map_err(|error| Problem::unavailable(error).ask_again())?
}

/// The command's id: the same for the same key.
pub(super) fn told(key: Option<&str>, what: &str, workflow: &WorkflowId) -> MessageId {
    let derived = |key| MessageId::derived(&[PRINCIPAL, what, workflow.0.as_str(), key]);
    key.map_or_else(MessageId::fresh, derived)
}

/// Takes the request as a new one, finds that it was taken before, or that it is about a workflow that is there.
pub(super) async fn accept(
    app: App,
    workflow: WorkflowId,
    told: MessageId,
    is_fresh: bool,
    request: Request,
) -> Result<HttpResponse, Problem> {
    let _turn = app.turns().take(&workflow.0).await;
    let asked = asked(&request)?;
    let first = if is_fresh { None } else { first(&app, &workflow).await? };
    match first {
        None => begin(&app, workflow, told, is_fresh, asked, request).await,
        Some(first) if first.told == told.to_string() && first.asked == asked => {
            accepted(&app, &workflow).await
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
) -> Result<HttpResponse, Problem> {
    // Before anything is stored for it: it could only be refused.
    if let Some(held) = app.parts().workflows.held() {
        return Err(TellError::<Refusal>::Parked(held).into());
    }
    let command = Command::StartWorkflow(launch::order(app, &workflow, asked, request).await?);
    let workflows = &app.parts().workflows;
    if is_fresh {
        workflows.tell_fresh(&workflow.0, told, command).await?;
    } else {
        workflows.tell(&workflow.0, told, command).await?;
    }
    accepted(app, &workflow).await
}

/// What has to be the same when a request comes again: what the client said.
pub(super) fn asked(request: &Request) -> Result<Hash, Problem> {
    let text = serde_json::to_vec(request).map_err(Problem::internal)?;
    Ok(Hash::of(&text))
}

/// How a workflow began.
pub(super) struct First {
    pub(super) told: String,
    pub(super) asked: Hash,
    definition: String,
}

/// How a workflow began; `None`: there is no such workflow.
pub(super) async fn first(app: &App, workflow: &WorkflowId) -> Result<Option<First>, Problem> {
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
pub(super) async fn run_again(
    app: &App,
    workflow: &WorkflowId,
    told: MessageId,
    params: Option<Value>,
    on_running: Option<OnRunning>,
) -> Result<HttpResponse, Problem> {
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
    app.parts().workflows.tell(&workflow.0, told, command).await?;
    accepted(app, workflow).await
}

async fn is_resumable(app: &App, workflow: &WorkflowId) -> Result<bool, Problem> {
    let (_, row) = existing(app, workflow.0.as_str()).await?;
    Ok(matches!(text(&row, "status"), "paused" | "failed" | "interrupted"))
}

/// Where to look for it, and how it stands.
pub(super) async fn accepted(app: &App, workflow: &WorkflowId) -> Result<HttpResponse, Problem> {
    let (_, row) = existing(app, workflow.0.as_str()).await?;
    let mut receipt =
        json!({ "workflow_id": workflow, "run": row["run"], "status": row["status"] });
    for name in ["forked_from", "replay_of"] {
        if let Some(source) = row.get(name).filter(|source| !source.is_null()) {
            receipt[name] = source.clone();
        }
    }
    Ok(HttpResponse::Accepted()
        .insert_header((LOCATION, format!("/workflows/{workflow}")))
        .json(receipt))
}
