//! A subscription that an operator paused: since when, what waits meanwhile, and how it goes on.

use super::super::answer::{Answer, Remedy};
use super::super::commands::post;
use super::super::house::House;
use super::super::words::{between, moment};
use super::redelivered::{in_words, redrives};
use super::state::State;
use super::waiting;
use callboard_actors::journal::SubscriptionRow;

/// Why nothing is delivered though messages may wait.
pub(super) fn explain(house: &House, state: &State) -> Answer {
    let oldest = state.oldest().map(|(_, at)| between(at, house.now));
    let waits = match oldest {
        Some(time) => format!("{} waiting, the oldest for {time}", state.how_many()),
        None => "nothing waiting".to_owned(),
    };
    let what = format!("is paused by an operator, with {waits}: nothing of it is delivered");
    let answer = Answer { since: state.row.paused_at, ..waiting::answer(state, "paused", &what) }
        .because(words(&state.row, house))
        .because("meanwhile no delivery is used up, and its cursor moves only by acknowledgements")
        .and_because(state.consumer(house))
        .and_because(in_words(&state.troubles, state.dead, house.now))
        .remedy(resume(house, &state.row));
    if house.is_served() { answer.remedies(redrives(house, &state.troubles)) } else { answer }
}

/// Since when. By whom is not known: there is one token for all.
pub(in crate::why) fn words(row: &SubscriptionRow, house: &House) -> String {
    let since = row.paused_at.map(|at| format!(" {}", moment(at, house.now)));
    format!("whoever has the home's token paused it{}", since.unwrap_or_default())
}

/// What has it go on.
pub(in crate::why) fn resume(house: &House, row: &SubscriptionRow) -> Remedy {
    let path = format!("/subscriptions/{}/resume", row.name);
    post(house, &path, None, "has it go on: what was under way before comes again")
}
