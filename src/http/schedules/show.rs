//! `GET /schedules/{id}`: what it starts, when the next times are, and what came of the last ones.

use super::existing;
use crate::wire::{App, Problem};
use actix_web::{HttpResponse, web};
use callboard_actors::entity::Directory;
use callboard_actors::schedules::{Phase, Schedule};
use callboard_actors::vocabulary::{Name, Timestamp};
use serde_json::{Value, json};

/// So many of the next times are told.
const NEXT: usize = 5;

/// `GET /schedules/{id}`
pub(in crate::http) async fn show(
    app: web::Data<App>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let (id, mut row) = existing(&app, &id).await?;
    let schedule = read(&app, &id.0).await?;
    row.insert("spec".into(), json!(schedule.spec()));
    row.insert("next".into(), json!(next(&schedule)));
    row.insert("recent".into(), json!(schedule.recent().rev().collect::<Vec<_>>()));
    if let Some(Phase::Paused { by }) = schedule.phase() {
        row.insert("paused_by".into(), by.as_str().into());
    }
    if let Some(Phase::Ended { why, .. }) = schedule.phase() {
        row.insert("ended".into(), json!(why));
    }
    let stream = Directory::<Schedule>::stream(&id.0);
    if let Some(parked) = app.parts().journal.reader().parked_stream(stream).await? {
        let parked = json!({ "by": parked.by, "why": parked.why, "since": parked.since });
        row.insert("parked".into(), parked);
    }
    Ok(HttpResponse::Ok().json(row))
}

/// What whoever made or changed one is told.
pub(super) async fn summary(app: &App, name: &Name) -> Result<Value, Problem> {
    let schedule = read(app, name).await?;
    let (status, next) = (schedule.status(), next(&schedule));
    Ok(json!({ "schedule_id": name, "status": status, "next": next }))
}

async fn read(app: &App, name: &Name) -> Result<Schedule, Problem> {
    Ok(app.parts().schedules.state(name).await?)
}

/// The next times, as they are now.
fn next(schedule: &Schedule) -> Vec<Timestamp> {
    let (Some(spec), Some(first)) = (schedule.spec(), schedule.next()) else { return Vec::new() };
    // They were checked when it was made.
    let further = spec.timing.some_after(first, NEXT - 1).unwrap_or_default();
    std::iter::once(first).chain(further).collect()
}
