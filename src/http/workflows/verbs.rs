//! What can be done to a workflow that runs, waits or has failed.

use super::super::body::{Body, MaybeBody};
use super::super::keys;
use crate::threads::{self, BY, existing};
use crate::wire::{App, Problem};
use actix_web::{HttpRequest, HttpResponse, web};
use callboard_actors::workflows::Command;
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
    let interrupt_id = super::super::query::name(&interrupt)?;
    let by = by.unwrap_or_else(|| BY.into());
    let told = keys::message_id(&request, "answer", interrupt_id.as_str())?;
    threads::answer(&app, &id, told, interrupt_id, answer, by).await?;
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
    threads::tell(app, &workflow, told, command).await?;
    let (_, row) = existing(app, id).await?;
    Ok(HttpResponse::Accepted().json(row))
}
