//! An agent for which nobody speaks and nothing runs, or that is registered no more.

use super::super::answer::Answer;
use super::super::commands::register;
use super::super::house::House;
use super::super::words::{moment, quoted};
use super::past::Past;
use super::story::came_out;
use callboard_actors::agents::{Outcome, Status};

/// Since when nobody is there, and why.
pub(super) fn explain(house: &House, past: &Past) -> Answer {
    let id = &past.id;
    let (situation, what) = match (past.status, &past.unregistered) {
        (Some(Status::Unregistered), by) => {
            let by = by.as_deref().map(quoted).unwrap_or_default();
            ("unregistered", format!("is registered no more: {by} unregistered it"))
        }
        (None, _) => ("unknown", "has a past on which its own machine panics".to_owned()),
        _ => ("inactive", "is inactive: nobody speaks for it, and nothing runs for it".to_owned()),
    };
    let answer = Answer::of("agent", id, situation, format!("agent {id} {what}")).since(past.since);
    let answer = answer.because(spoke(house, past)).and_because(ran(house, past));
    if situation != "unregistered" {
        return answer;
    }
    answer
        .because("what it did stays known; registered again under this id, it goes on from here")
        .remedy(register(&past.profile, id.as_str(), "registers it again"))
}

/// Who spoke for it last.
fn spoke(house: &House, past: &Past) -> String {
    match &past.disconnected {
        Some((at, why)) => {
            format!("the last that spoke for it went {}: {}", moment(*at, house.now), quoted(why))
        }
        None => {
            format!("nobody has ever connected as it; its profile is {}", quoted(&past.profile))
        }
    }
}

/// What ran for it last; one that failed is told with its error.
fn ran(house: &House, past: &Past) -> Option<String> {
    let (id, outcome, at) = past.ended.as_ref()?;
    let came_out = came_out(outcome);
    let at = moment(*at, house.now);
    (*outcome != Outcome::Failed)
        .then(|| format!("the last that ran for it was process {id}, which {came_out}: {at}"))
}
