//! Chooses the situation of a workflow by its state.

use super::super::answer::Answer;
use super::super::commands::{operate, resume_all, serve, step};
use super::super::house::{House, Look};
use super::super::kinds::Kind;
use super::super::parked;
use super::super::tale;
use super::super::words::quoted;
use super::commands::steer;
use super::past::Past;
use super::{ended, under_way};
use callboard_actors::vocabulary::Name;

/// Why a workflow is as it is; `None`: there is no such workflow.
pub(in crate::why) async fn explain(house: &House, name: &Name) -> Look<Option<Answer>> {
    let Some(past) = Past::load(house, name).await? else { return Ok(None) };
    let answer = match &past.parked {
        Some(parked) => parked::explain(Kind::Workflow, &past.id, parked),
        None => unparked(house, &past).await?,
    };
    let story = tale::told(&past.messages, Kind::Workflow, super::story::event);
    Ok(Some(answer.evidence(story)))
}

async fn unparked(house: &House, past: &Past) -> Look<Answer> {
    let answer = match past.status() {
        "running" | "interrupted" => under_way::running(house, past).await?,
        "undoing" => under_way::undoing(house, past).await?,
        "paused" => under_way::paused(house, past).await?,
        "cancelling" => under_way::stopping(house, past).await?,
        "completed" => return Ok(ended::completed(past)),
        "failed" => return Ok(ended::failed(past)),
        "cancelled" => return Ok(ended::cancelled(past)),
        other => return Ok(unknown(past, other)),
    };
    if let Some(held) = house.held(Kind::Workflow.folder()).await {
        let why = format!("all workflows are held by {}: {}", held.by, quoted(&held.why));
        let end = "ends it as failed while all are held, if it is what brings the server down";
        let end = operate("fail", &format!("/workflows/{}", past.id), end);
        return Ok(answer.because(why).remedy(resume_all(Kind::Workflow)).remedy(end));
    }
    if house.is_served() {
        return Ok(answer);
    }
    let unserved = "no server answers on this home: the next one goes on where this stands";
    Ok(Answer { commands: Vec::new(), ..answer.clone() }
        .because(unserved)
        .remedy(serve())
        .remedies(answer.commands))
}

/// Its machine panics on its own past, or is newer than this program.
fn unknown(past: &Past, status: &str) -> Answer {
    let verdict = format!("{} is {status}", past.title());
    Answer::of("workflow", &past.id, status, verdict)
        .since(past.since)
        .remedy(steer("show", &past.id, "shows all that is known of it"))
        .remedy(step(&format!("workflow/{}", past.id)))
}
