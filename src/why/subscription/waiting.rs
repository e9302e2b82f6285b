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
    let (situation, on) = if !house.is_served() {
        ("no_server", "for a server: none answers on this home".to_owned())
    } else if !state.is_consumed() {
        ("no_consumer", "for somebody who takes them: nobody does".to_owned())
    } else {
        ("unacknowledged", "for its consumer to acknowledge them".to_owned())
    };
    let many = state.how_many();
    let oldest = state.oldest().map(|(_, at)| at);
    let old = oldest.map(|at| format!(", the oldest for {}", between(at, house.now)));
    let what = format!("has {many} waiting {on}{}", old.unwrap_or_default());
    let answer = Answer { since: oldest, ..answer(state, situation, &what) }
        .and_because(state.consumer(house))
        .and_because(state.delivery())
        .and_because(in_words(&state.troubles, state.dead, house.now));
    if house.is_served() { remedies(house, state, answer) } else { answer.remedy(serve()) }
}

fn remedies(house: &House, state: &State, answer: Answer) -> Answer {
    let row = &state.row;
    let shown = "shows what waits, and takes it from nobody";
    let look = match state.agent() {
        Some(agent) => show_agent(agent, shown),
        None => list_behind(&row.topics, row.position, shown),
    };
    let answer = answer.remedy(look).remedies(redrives(house, &state.troubles));
    let Some((position, _)) = state.oldest() else { return answer };
    let path = format!("/subscriptions/{}/ack", row.name);
    let body = json!({ "position": position });
    let does =
        "takes the oldest for handled, where its consumer stumbles over it; it does not come again";
    answer.remedy(post(house, &path, Some(&body), does))
}
