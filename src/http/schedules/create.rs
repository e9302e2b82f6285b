//! `POST /schedules` and `PUT /schedules/{id}`: where a schedule comes into being, and where it is changed.

use super::super::body::Body;
use super::super::keys::{self, PRINCIPAL};
use super::request::Request;
use super::{BY, existing, show};
use crate::wire::{App, Problem};
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use callboard_actors::entity::Directory;
use callboard_actors::machine::tagged;
use callboard_actors::schedules::{Command, Order, Schedule};
use callboard_actors::vocabulary::{Hash, MessageId, Name};

/// `POST /schedules`: answers when it is durable.
pub(in crate::http) async fn create(
    app: web::Data<App>,
    request: HttpRequest,
    Body(body): Body<Request>,
) -> Result<HttpResponse, Problem> {
    let (key, body) = (keys::idempotency_key(&request)?, body);
    let named = body.schedule_id.as_deref().map(str::parse::<Name>).transpose();
    let named = named.map_err(|error| Problem::unprocessable(format!("schedule_id: {error}")))?;
    let name = match (named, &key) {
        (Some(name), _) => name,
        (None, Some(key)) => Name::derived(&[PRINCIPAL, "schedule", key]),
        (None, None) => Name::fresh(),
    };
    let told = keys::message_id(&request, "create schedule", name.as_str())?;
    let accepted = accept(app.get_ref().clone(), name, told, body);
    // A task of its own: a client that goes away takes nothing back half way.
    let accepted = actix_rt::spawn(accepted).await;
    accepted.map_err(|error| Problem::unavailable(error).ask_again())?
}

/// Takes the request as a new one, or finds that it was taken before.
async fn accept(
    app: App,
    name: Name,
    told: MessageId,
    request: Request,
) -> Result<HttpResponse, Problem> {
    let _turn = app.turns().take(&name).await;
    let asked = request.asked()?;
    match asked_before(&app, &name, told).await? {
        Some(before) if before == asked => {}
        Some(_) => {
            let text = "this Idempotency-Key was used before for another request: use a new one";
            return Err(Problem::unprocessable(text));
        }
        None => {
            let spec = request.spec(&app).await?;
            let command = Command::CreateSchedule(Box::new(Order { spec, asked }));
            app.parts().schedules.tell(&name, told, command).await?;
        }
    }
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, format!("/schedules/{name}")))
        .json(show::summary(&app, &name).await?))
}

/// What was asked for under this id, if it was: a span from now on is another moment when it is asked for again.
async fn asked_before(app: &App, name: &Name, told: MessageId) -> Result<Option<Hash>, Problem> {
    let loaded = app.parts().journal.load(Directory::<Schedule>::stream(name), 0).await?;
    let told = told.to_string();
    let mut messages = loaded.messages.iter().filter(|message| message.error.is_none());
    let Some(before) = messages.find(|message| message.message_id.as_ref() == Some(&told)) else {
        return Ok(None);
    };
    let command = tagged::join(&before.event_type, before.data.get()).map_err(Problem::internal)?;
    let Command::CreateSchedule(order) = command else {
        return Err(Problem::internal("a schedule was created by another command than it should"));
    };
    Ok(Some(order.asked))
}

/// `PUT /schedules/{id}`: it does something else from now on, or at other times.
pub(in crate::http) async fn change(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    Body(body): Body<Request>,
) -> Result<HttpResponse, Problem> {
    let (schedule, _) = existing(&app, &id).await?;
    let (name, body) = (schedule.0, body);
    if body.schedule_id.as_deref().is_some_and(|other| other != name.as_str()) {
        let text = "schedule_id is another one than the path's: leave it out";
        return Err(Problem::unprocessable(text));
    }
    let told = keys::message_id(&request, "change schedule", name.as_str())?;
    let app = app.get_ref().clone();
    let work = async move {
        let spec = Box::new(body.spec(&app).await?);
        let command = Command::Change { spec, by: BY.into() };
        app.parts().schedules.tell(&name, told, command).await?;
        Ok::<_, Problem>(HttpResponse::Ok().json(show::summary(&app, &name).await?))
    };
    // A task of its own: a client that goes away takes nothing back half way.
    actix_rt::spawn(work).await.map_err(|error| Problem::unavailable(error).ask_again())?
}
