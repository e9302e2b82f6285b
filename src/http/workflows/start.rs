//! `POST /workflows` and `POST /workflows/{id}/runs`: where a workflow, or another run of one, begins.

use super::super::body::Body;
use super::super::keys::{self, PRINCIPAL};
use crate::threads::{Receipt, Request, accept, existing, run_again};
use crate::wire::{App, Problem};
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use callboard_actors::vocabulary::{MessageId, Name, WorkflowId};
use callboard_actors::workflows::OnRunning;
use serde::{Deserialize, Serialize};
use serde_json::Value;

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
    let receipt = accept(app.get_ref().clone(), workflow, told, is_fresh, request);
    // A task of its own: a client that goes away takes nothing back half way.
    let receipt = actix_rt::spawn(receipt).await;
    let receipt = receipt.map_err(|error| Problem::unavailable(error).ask_again())??;
    Ok(accepted(&receipt))
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
    let receipt = actix_rt::spawn(work).await;
    let receipt = receipt.map_err(|error| Problem::unavailable(error).ask_again())??;
    Ok(accepted(&receipt))
}

/// The command's id: the same for the same key.
pub(super) fn told(key: Option<&str>, what: &str, workflow: &WorkflowId) -> MessageId {
    let derived = |key| MessageId::derived(&[PRINCIPAL, what, workflow.0.as_str(), key]);
    key.map_or_else(MessageId::fresh, derived)
}

/// Where to look for it, and how it stands.
pub(super) fn accepted(receipt: &Receipt) -> HttpResponse {
    HttpResponse::Accepted()
        .insert_header((LOCATION, format!("/workflows/{}", receipt.workflow_id)))
        .json(receipt)
}
