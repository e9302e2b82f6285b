//! Going back to a checkpoint: `/rollback`, `/retry` from a step, `/resume` from a checkpoint; and `/cancel` with undo.

use super::super::body::{Body, MaybeBody};
use super::super::keys;
use super::verbs::tell;
use crate::threads::{self, BY, existing};
use crate::wire::{App, Problem};
use actix_web::{HttpRequest, HttpResponse, web};
use callboard_actors::entity::Directory;
use callboard_actors::journal::MessageKind;
use callboard_actors::machine::tagged;
use callboard_actors::vocabulary::{MessageId, WorkflowId};
use callboard_actors::workflows::{
    Command, Compensation, NoTarget, Rewind, Target, Targets, Workflow,
};
use serde::Deserialize;
use serde_json::json;

/// Where to go back to, and how.
#[derive(Debug, Clone, Copy)]
struct Wish {
    place: Place,
    undo: bool,
    pause: bool,
}

#[derive(Debug, Clone, Copy)]
enum Place {
    Checkpoint(u32),
    /// The checkpoint from which a step began.
    Before(u32),
}

/// What a rollback is asked with.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Rollback {
    checkpoint: u32,
}

/// What a retry may be asked with.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Retry {
    step: Option<u32>,
    #[serde(default)]
    undo: bool,
}

/// What a resumption may be asked with.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Resume {
    checkpoint: Option<u32>,
}

/// What a cancellation may be asked with.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Cancel {
    #[serde(default)]
    undo: bool,
}

/// `POST /workflows/{id}/rollback`: what was done since the checkpoint is undone; then it is paused there.
pub(in crate::http) async fn rollback(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    Body(Rollback { checkpoint }): Body<Rollback>,
) -> Result<HttpResponse, Problem> {
    let place = Place::Checkpoint(checkpoint);
    let wish = Wish { place, undo: true, pause: true };
    rewind(&app, &request, &id, "roll back", wish).await
}

/// `POST /workflows/{id}/retry`: what has failed is tried again; what is done stays done. From a step: it and all that
/// follows are done anew.
pub(in crate::http) async fn retry(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    MaybeBody(Retry { step, undo }): MaybeBody<Retry>,
) -> Result<HttpResponse, Problem> {
    match step {
        None if undo => Err(Problem::unprocessable(
            "undo goes with a step: without one only what has failed is tried again",
        )),
        None => tell(&app, &request, &id, "retry", Command::Retry { by: BY.into() }).await,
        Some(step) => {
            let wish = Wish { place: Place::Before(step), undo, pause: false };
            rewind(&app, &request, &id, "retry", wish).await
        }
    }
}

/// `POST /workflows/{id}/resume`: it goes on; from a checkpoint, if one is named.
pub(in crate::http) async fn resume(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    MaybeBody(Resume { checkpoint }): MaybeBody<Resume>,
) -> Result<HttpResponse, Problem> {
    let Some(checkpoint) = checkpoint else {
        return tell(&app, &request, &id, "resume", Command::Resume { by: BY.into() }).await;
    };
    let wish = Wish { place: Place::Checkpoint(checkpoint), undo: false, pause: false };
    rewind(&app, &request, &id, "resume", wish).await
}

/// `POST /workflows/{id}/cancel`: it stops for good; with `undo`, what its run did is undone.
pub(in crate::http) async fn cancel(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    MaybeBody(Cancel { undo }): MaybeBody<Cancel>,
) -> Result<HttpResponse, Problem> {
    let by = BY.to_owned();
    let command = if undo { Command::CancelAndUndo { by } } else { Command::Cancel { by } };
    tell(&app, &request, &id, "cancel", command).await
}

async fn rewind(
    app: &App,
    request: &HttpRequest,
    id: &str,
    verb: &str,
    wish: Wish,
) -> Result<HttpResponse, Problem> {
    let (workflow, _) = existing(app, id).await?;
    let told = keys::message_id(request, &format!("{verb} workflow"), workflow.0.as_str())?;
    let targets = Targets::read(&app.parts().journal, &workflow).await?;
    let to = match wish.place {
        Place::Checkpoint(number) => targets.checkpoint(number),
        Place::Before(step) => targets.before(step),
    }?;
    let undone = targets.undone_behind(&to);
    let warning = warning(&to, &undone);
    let again = if keys::idempotency_key(request)?.is_some() {
        again(app, &workflow, told, &wish, &to).await?
    } else {
        None
    };
    let command = again.unwrap_or_else(|| {
        let (by, course) = (BY.to_owned(), targets.course());
        let rewind = Rewind { by, to, course, undo: wish.undo, pause: wish.pause };
        Command::Rewind(Box::new(rewind))
    });
    threads::tell(app, &workflow, told, command).await?;
    let (_, mut row) = existing(app, id).await?;
    if let Some(warning) = warning {
        row.insert("warnings".into(), json!([warning]));
        row.insert("undone_before".into(), json!(undone));
    }
    Ok(HttpResponse::Accepted().json(row))
}

/// What whoever goes back there has to know: its state holds what was undone since.
fn warning(to: &Target, undone: &[Compensation]) -> Option<String> {
    let first = undone.iter().map(|done| done.deed.item.step).min()?;
    let list: Vec<_> = undone.iter().map(ToString::to_string).collect();
    let (number, list) = (to.checkpoint.number, list.join("; "));
    Some(format!(
        "checkpoint {number} says that things were done which have been undone since: {list}. They are not done anew, and not \
         undone a second time: to have them done anew, retry from step {first}"
    ))
}

/// The command as it was told before, if it was: what it says besides the client's wish is of its time.
async fn again(
    app: &App,
    workflow: &WorkflowId,
    told: MessageId,
    wish: &Wish,
    to: &Target,
) -> Result<Option<Command>, Problem> {
    let stream = Directory::<Workflow>::stream(&workflow.0);
    let (loaded, told) = (app.parts().journal.load(stream, 0).await?, told.to_string());
    let mut commands =
        loaded.messages.iter().filter(|message| message.kind == MessageKind::Command);
    let before = commands.find(|message| message.message_id.as_ref() == Some(&told));
    let Some(before) = before else { return Ok(None) };
    let command: Command =
        tagged::join(&before.event_type, before.data.get()).map_err(Problem::internal)?;
    let is_same = matches!(&command, Command::Rewind(then)
        if (then.undo, then.pause, &then.to) == (wish.undo, wish.pause, to));
    // Told again with what it does not say, it is refused as another request.
    Ok(is_same.then_some(command))
}

impl From<NoTarget> for Problem {
    fn from(error: NoTarget) -> Self {
        match error {
            NoTarget::Unknown(_) => Self::not_found(error),
            NoTarget::OfAnUndoing(_) => Self::conflict(error),
            NoTarget::Past(error) => error.into(),
        }
    }
}
