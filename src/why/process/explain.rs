//! Chooses the situation of a process by its state.

use super::super::answer::Answer;
use super::super::house::{House, Look};
use super::super::kinds::Kind;
use super::super::parked;
use super::super::{commands, tale};
use super::past::Past;
use super::{answered, cancelled, completed, dead, indeterminate, queued, retrying, running};
use callboard_actors::vocabulary::Name;

/// Why a process is as it is; `None`: there is no such process.
pub(in crate::why) async fn explain(house: &House, name: &Name) -> Look<Option<Answer>> {
    let Some(past) = Past::load(house, name).await? else { return Ok(None) };
    let answer = match &past.parked {
        Some(parked) => stopped(house, &past, parked),
        None => by_status(house, &past).await?,
    };
    Ok(Some(answer.evidence(past.story())))
}

/// A state that has no file yet is told by its name and its story.
async fn by_status(house: &House, past: &Past) -> Look<Answer> {
    match past.status {
        "PENDING" => queued::explain(house, past).await,
        "RETRY" => retrying::explain(house, past).await,
        "HELD" => Ok(retrying::held(past)),
        "STARTING" | "RUNNING" => Ok(running::explain(house, past)),
        "SUCCESS" => answered::explain(house, past).await,
        "COMPLETED" => Ok(completed::explain(past)),
        "DEAD" => Ok(dead::explain(house, past)),
        "CANCELLING" => Ok(cancelled::on_its_way(house, past)),
        "CANCELLED" => Ok(cancelled::explain(house, past)),
        "INDETERMINATE" => Ok(indeterminate::explain(past)),
        _ => Ok(other(past)),
    }
}

fn other(past: &Past) -> Answer {
    let verdict = format!("process {} is {}", past.id, past.status);
    let newest = past.messages.last().map(|m| tale::in_capitals(m, &m.event_type));
    let newest = newest.map(|what| format!("its newest message is {what}"));
    Answer::of("process", &past.id, &past.status.to_lowercase(), verdict)
        .since(past.since)
        .and_because(newest)
        .remedy(commands::show(&past.id, "shows all that is known of it"))
}

/// Parked, suspended, or ended by an operator. What runs goes on running.
fn stopped(house: &House, past: &Past, parked: &callboard_actors::journal::Parked) -> Answer {
    let answer = parked::explain(Kind::Process, &past.id, parked);
    let answer = match past.status {
        "STARTING" | "RUNNING" if !parked.failed => {
            answer.and_because(running::meanwhile(house, past))
        }
        "PENDING" | "RETRY" | "HELD" if !parked.failed => {
            answer.because("its turn does not come meanwhile")
        }
        _ => answer,
    };
    let answer = answer.and_because(past.attempts_in_words());
    if parked.failed { answer.remedies(cancelled::anew(house, past)) } else { answer }
}
