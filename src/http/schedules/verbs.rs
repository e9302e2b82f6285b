//! What can be done to a schedule.

use super::super::keys;
use super::{BY, existing};
use crate::wire::{App, Problem};
use actix_web::{HttpRequest, HttpResponse, web};
use callboard_actors::schedules::Command;
use serde_json::{Map, Value};

/// `POST /schedules/{id}/pause`: it lets times pass.
pub(in crate::http) async fn pause(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let row = tell(&app, &request, &id, "pause", Command::Pause { by: BY.into() }).await?;
    Ok(HttpResponse::Accepted().json(row))
}

/// `POST /schedules/{id}/resume`: it goes on with the next time.
pub(in crate::http) async fn resume(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let row = tell(&app, &request, &id, "resume", Command::Resume { by: BY.into() }).await?;
    Ok(HttpResponse::Accepted().json(row))
}

/// `POST /schedules/{id}/run`: it starts what it starts, now.
pub(in crate::http) async fn run(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let row = tell(&app, &request, &id, "run", Command::Run { by: BY.into() }).await?;
    Ok(HttpResponse::Accepted().json(row))
}

/// `DELETE /schedules/{id}`: it ends; what it did stays known.
pub(in crate::http) async fn remove(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let row = tell(&app, &request, &id, "end", Command::End { by: BY.into() }).await?;
    Ok(HttpResponse::Ok().json(row))
}

async fn tell(
    app: &App,
    request: &HttpRequest,
    id: &str,
    verb: &str,
    command: Command,
) -> Result<Map<String, Value>, Problem> {
    let (schedule, _) = existing(app, id).await?;
    let told = keys::message_id(request, &format!("{verb} schedule"), schedule.0.as_str())?;
    app.parts().schedules.tell(&schedule.0, told, command).await?;
    let (_, row) = existing(app, id).await?;
    Ok(row)
}
