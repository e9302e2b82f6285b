//! An agent with processes that run for it.

use super::super::answer::Answer;
use super::super::commands::{cancel, why};
use super::super::house::{House, Look};
use super::super::process::Past as Process;
use super::super::words::{between, count};
use super::past::Past;

/// How many are named.
const NAMED: usize = 5;

/// What runs for it.
pub(super) async fn explain(house: &House, past: &Past) -> Look<Answer> {
    let running = match past.running.as_slice() {
        [(id, _)] => format!("process {id} runs for it"),
        many => format!("{} run for it", count(many.len() as u64, "process")),
    };
    let (situation, what) = if house.is_served() {
        ("busy", format!("is busy: {running}"))
    } else {
        ("no_server", format!("was busy when its server went: {running}"))
    };
    let verdict = format!("agent {} {what}", past.id);
    let mut answer = Answer::of("agent", &past.id, situation, verdict).since(past.since);
    for (id, _) in past.running.iter().take(NAMED) {
        let process = Process::load(house, &id.0).await?;
        answer = answer
            .and_because(process.as_ref().map(|process| stands(house, process)))
            .remedy(why(id.0.as_str(), "says what that one is at"));
        if process.is_some_and(|process| process.is_at_work()) && house.is_served() {
            let does = "stops it; what it has cost is not given back";
            answer = answer.remedy(cancel(id.0.as_str(), does));
        }
    }
    Ok(answer)
}

/// The agent hears a moment later than it happens.
fn stands(house: &House, process: &Process) -> String {
    let (id, status) = (&process.id, process.status);
    let time = between(process.since, house.now);
    if !house.is_served() {
        return format!("process {id} was {status} when it was last heard of, {time} ago");
    }
    if process.is_at_work() {
        return format!("process {id} is {status} for {time}");
    }
    format!("process {id} is {status} for {time}, which the agent has not heard yet")
}
