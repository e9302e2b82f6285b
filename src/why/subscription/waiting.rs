//! A subscription with messages that nobody has handled yet: whom they wait for.

use super::super::answer::Answer;
use super::super::commands::{list_behind, post, serve, show_agent};
use super::super::house::House;
use super::super::words::between;
use super::redelivered::{in_words, redrives};
use super::state::State;
use serde_json::json;

/// An answer about a subscription.
pub(super) fn answer(state: &State, situation: &str, what: &str) -> Answer {
    let (name, subscriber) = (&state.row.name, &state.row.subscriber);
    let verdict = format!("subscription {name} of {subscriber} {what}");
    Answer::of("subscription", name, situation, verdict)
}

/// Whom its messages wait for.
pub(super) fn explain(house: &House, state: &State) -> Answer {
    let (situation, but) = if !house.is_served() {
        ("no_server", "no server answers on this home")
    } else if state.is_held(house) {
        ("refused", "the oldest was refused, and is held back for a while")
    } else if !state.is_in_hands() {
        ("no_consumer", "nobody takes them")
    } else {
        ("unacknowledged", "whoever takes them has not acknowledged them")
    };
    let many = state.how_many();
    let oldest = state.oldest().map(|(_, at)| at);
    let old = oldest.map(|at| format!(", the oldest for {}", between(at, house.now)));
    let what = format!("has {many} waiting{}: {but}", old.unwrap_or_default());
    let answer = Answer { since: oldest, ..answer(state, situation, &what) }
        .and_because(state.consumer(house))
        .and_because(state.delivery())
        .and_because(in_words(&state.troubles, state.dead, house.now));
    if house.is_served() { remedies(house, state, answer) } else { answer.remedy(serve()) }
}

fn remedies(house: &House, state: &State, answer: Answer) -> Answer {
    let row = &state.row;
    let oldest = state.oldest().map_or(row.position, |(position, _)| position - 1);
    let look = match state.agent() {
        Some(agent) => show_agent(agent, "shows what waits behind its cursor"),
        // What was redriven stands before the cursor, among what was handled.
        None => list_behind(
            &row.topics,
            row.position.min(oldest),
            "shows the oldest that waits and what follows it, and takes nothing from anybody",
        ),
    };
    let answer = answer.remedy(look).remedies(redrives(house, &state.troubles));
    let Some((position, _)) = state.oldest() else { return answer };
    let path = format!("/subscriptions/{}/ack", row.name);
    let body = json!({ "position": position });
    let does =
        "takes the oldest for handled, where its consumer stumbles over it; it does not come again";
    answer.remedy(post(house, &path, Some(&body), does))
}
