//! Chooses the situation of a subscription: without a cursor that counts, waiting, or with nothing to do.

use super::super::answer::{Answer, Evidence};
use super::super::commands::{delete, post, serve, why};
use super::super::house::{House, Look};
use super::super::words::count;
use super::redelivered::{in_words, redrives};
use super::state::State;
use super::{paused, waiting};
use callboard_actors::vocabulary::Name;
use serde_json::json;

/// What a subscription's id may begin with, as a stream's id does.
const WORD: &str = "subscription/";

/// Why the subscription of this id is as it is; `None`: there is none.
pub(in crate::why) async fn explain(house: &House, id: &str) -> Look<Option<Answer>> {
    let Ok(name) = id.strip_prefix(WORD).unwrap_or(id).parse::<Name>() else { return Ok(None) };
    let Some(state) = State::of(house, &name).await? else { return Ok(None) };
    let answer = if state.is_gone {
        gone(house, &state)
    } else if !state.row.active {
        paused::explain(house, &state)
    } else if state.waiting() > 0 {
        waiting::explain(house, &state)
    } else {
        idle(house, &state)
    };
    let place = (!state.is_gone).then(|| state.place());
    let whose = state.agent().map(|agent| why(&format!("agent/{agent}"), "says how its agent is"));
    Ok(Some(
        answer.and_because(place).because(state.terms()).evidence(past(&state)).remedies(whose),
    ))
}

/// Its cursor points into a journal that was replaced.
fn gone(house: &House, state: &State) -> Answer {
    let row = &state.row;
    let (name, path) = (&row.name, format!("/subscriptions/{}", row.name));
    let what = "delivers nothing: its cursor belongs to a journal that a backup has replaced";
    let anew = json!({
        "id": name, "subscriber": row.subscriber, "topics": row.topics, "after": 0,
        "ack_wait_ms": row.ack_wait_ms, "max_deliveries": row.max_deliveries,
    });
    let answer = waiting::answer(state, "gone", what)
        .because("positions begin anew with each epoch: what it has acknowledged cannot be told");
    if !house.is_served() {
        return answer.remedy(serve());
    }
    answer.remedy(delete(house, &path, "deletes it, with its dead messages")).remedy(post(
        house,
        "/subscriptions",
        Some(&anew),
        "then makes it anew, from the beginning; without `after`, for what is new",
    ))
}

fn idle(house: &House, state: &State) -> Answer {
    let (situation, what) = match state.dead {
        0 => ("caught_up", "has nothing left to handle".to_owned()),
        dead => {
            let letters = count(dead, "dead letter");
            ("dead_letters", format!("has nothing left to handle but {letters}"))
        }
    };
    let since = state.troubles.first().and_then(|trouble| trouble.at);
    let since = since.or(state.row.acknowledged_at).unwrap_or(state.row.created_at);
    let answer = waiting::answer(state, situation, &what)
        .since(since)
        .and_because(in_words(&state.troubles, state.dead, house.now))
        .and_because(state.consumer(house));
    match state.dead {
        0 => answer,
        _ if house.is_served() => answer.remedies(redrives(house, &state.troubles)),
        _ => answer.remedy(serve()),
    }
}

fn past(state: &State) -> Vec<Evidence> {
    let row = &state.row;
    let made = format!("made, for {}", row.subscriber);
    let acknowledged = row.acknowledged_at.map(|at| (None, at, "its cursor last moved".to_owned()));
    let oldest = state.oldest().filter(|_| !state.is_gone).map(|(position, at)| {
        (Some(position), at, "the oldest message that is still to be handled".to_owned())
    });
    let told = [Some((None, row.created_at, made)), acknowledged, oldest].into_iter().flatten();
    told.map(|(position, at, what)| Evidence { position, at, what }).collect()
}
