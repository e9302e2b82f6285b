//! An agent for which a connection speaks, and nothing runs.

use super::super::answer::Answer;
use super::super::house::House;
use super::super::words::moment;
use super::past::Past;

/// Who speaks for it.
pub(super) fn explain(house: &House, past: &Past) -> Answer {
    let id = &past.id;
    let since = past.connected.unwrap_or(past.since);
    let answer = if house.is_served() {
        let what = "is active: a connection speaks for it, and nothing runs for it";
        Answer::of("agent", id, "active", format!("agent {id} {what}"))
    } else {
        let what = "was active when its server went: a connection spoke for it";
        Answer::of("agent", id, "no_server", format!("agent {id} {what}")).because(
            "no server answers on this home: the next one says of it that its connection has ended",
        )
    };
    answer.since(past.since).because(format!("it connected {}", moment(since, house.now)))
}
