//! What can be done to a workflow that runs, waits or has failed.

use super::super::body::{Body, MaybeBody};
use super::super::keys;
use super::{BY, existing, lineage};
use crate::wire::{App, Problem};
use actix_web::{HttpRequest, HttpResponse, web};
use callboard_actors::entity::TellError;
use callboard_actors::vocabulary::WorkflowId;
use callboard_actors::workflows::{Command, Refusal};
use serde::Deserialize;
use serde_json::Value;

/// `POST /workflows/{id}/pause`: nothing new begins; what is under way ends.
pub(in crate::http) async fn pause(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    MaybeBody(Nothing {}): MaybeBody<Nothing>,
) -> Result<HttpResponse, Problem> {
    tell(&app, &request, &id, "pause", Command::Pause { by: BY.into() }).await
}

/// A pause has nothing to say.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Nothing {}

/// What a person says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Said {
    answer: Value,
    by: Option<String>,
}

/// `POST /workflows/{id}/interrupts/{interrupt}/answer`: also of a question that one of its subgraphs asks.
pub(in crate::http) async fn answer(
    app: web::Data<App>,
    request: HttpRequest,
    path: web::Path<(String, String)>,
    Body(Said { answer, by }): Body<Said>,
) -> Result<HttpResponse, Problem> {
    let (id, interrupt) = path.into_inner();
    let interrupt_id = super::query::name(&interrupt)?;
    let (workflow, row) = existing(&app, &id).await?;
    let asker = lineage::asker(&app, &workflow, &row, &interrupt_id).await?;
    let by = by.unwrap_or_else(|| BY.into());
    let told = keys::message_id(&request, "answer", interrupt_id.as_str())?;
    let command = Command::Answer { interrupt_id, answer, by };
    tell_one(&app, &asker, told, command).await?;
    let (_, row) = existing(&app, &id).await?;
    Ok(HttpResponse::Accepted().json(row))
}

pub(super) async fn tell(
    app: &App,
    request: &HttpRequest,
    id: &str,
    verb: &str,
    command: Command,
) -> Result<HttpResponse, Problem> {
    let (workflow, _) = existing(app, id).await?;
    let told = keys::message_id(request, &format!("{verb} workflow"), workflow.0.as_str())?;
    tell_one(app, &workflow, told, command).await?;
    let (_, row) = existing(app, id).await?;
    Ok(HttpResponse::Accepted().json(row))
}

pub(super) async fn tell_one(
    app: &App,
    workflow: &WorkflowId,
    told: callboard_actors::vocabulary::MessageId,
    command: Command,
) -> Result<(), Problem> {
    let (app, workflow) = (app.clone(), workflow.clone());
    // A task of its own: a client that goes away takes nothing back half way.
    let told = actix_rt::spawn(async move {
        app.parts().workflows.tell(&workflow.0, told, command).await.map(drop)
    });
    let told = told.await.map_err(|error| Problem::unavailable(error).ask_again())?;
    told.map_err(|error| match error {
        // Nothing is in the way but what was said.
        TellError::Refused(Refusal::BadAnswer(_)) => Problem::unprocessable(error),
        error => error.into(),
    })
}
