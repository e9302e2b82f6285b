//! All entities of a kind: held after starts that went wrong, suspended by an operator, or at work.

use super::super::answer::Answer;
use super::super::commands::{resume_all, why};
use super::super::house::{House, Look};
use super::super::kinds::Kind;
use super::super::words::quoted;
use super::service;
use callboard_actors::journal::Parked;

/// How many of the parked ones are named.
const NAMED: usize = 5;

pub(super) async fn explain(house: &House, kind: Kind, path: &str) -> Look<Option<Answer>> {
    let Some(answer) = service::explain(house, path).await? else { return Ok(None) };
    let answer = match house.held(path).await {
        Some(held) => held_up(answer, kind, &held),
        None => answer,
    };
    let parked = house.reader.parked(kind.word(), NAMED).await?;
    let lines = parked.iter().map(|(name, parked)| {
        format!("{} {name} is parked by {}: {}", kind.word(), parked.by, quoted(&parked.why))
    });
    let ask = parked.iter().map(|(name, _)| why(name.as_str(), "says more of that one"));
    Ok(Some(answer.and_because(lines).remedies(ask)))
}

fn held_up(answer: Answer, kind: Kind, held: &Parked) -> Answer {
    let path = kind.folder();
    let verdict =
        format!("actor {path} holds all its entities, by {}: {}", held.by, quoted(&held.why));
    let commands = vec![resume_all(kind)];
    let answer = Answer {
        situation: "held".to_owned(),
        verdict,
        since: Some(held.since),
        commands,
        ..answer
    };
    answer.because(
        "what they are told meanwhile is refused, with a hint to ask again; what runs goes on",
    )
}
