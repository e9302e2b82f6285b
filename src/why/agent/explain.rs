//! Chooses the situation of an agent by its status.

use super::super::answer::Answer;
use super::super::commands::{resume_all, serve, why};
use super::super::house::{House, Look};
use super::super::kinds::Kind;
use super::super::parked;
use super::super::process::{self, Past as Process};
use super::super::words::{count, moment, quoted};
use super::past::Past;
use super::{absent, busy, mailbox, present};
use callboard_actors::agents::{Outcome, Status};
use callboard_actors::journal::Parked;
use callboard_actors::vocabulary::Name;

/// How many of its processes are named.
const NAMED: usize = 5;

/// Why an agent is as it is; `None`: there is none of this name.
pub(in crate::why) async fn explain(house: &House, name: &Name) -> Look<Option<Answer>> {
    let Some(past) = Past::load(house, name).await? else { return Ok(None) };
    let answer = match (&past.parked, house.held(Kind::Agent.folder()).await) {
        (Some(parked), _) => stopped(&past, parked),
        (None, Some(held)) => held_up(&past, &held),
        (None, None) => by_status(house, &past).await?,
    };
    let answer = queued(house, &past, answer).await?.and_because(failed(house, &past).await?);
    let answer = mailbox::told(house, &past, answer).await?.and_because(past.paid());
    let answer = answer.evidence(past.story());
    Ok(Some(if house.is_served() { answer } else { answer.remedy(serve()) }))
}

async fn by_status(house: &House, past: &Past) -> Look<Answer> {
    match past.status {
        Some(Status::Busy) => busy::explain(house, past).await,
        Some(Status::Active) => Ok(present::explain(house, past)),
        Some(Status::Inactive | Status::Unregistered | Status::New) | None => {
            Ok(absent::explain(house, past))
        }
    }
}

/// Parked, suspended, or ended by an operator.
fn stopped(past: &Past, parked: &Parked) -> Answer {
    let answer = parked::explain(Kind::Agent, past.id.as_str(), parked);
    if parked.failed {
        return answer;
    }
    answer.because(
        "what is sent to it is refused meanwhile; what becomes of its processes it hears when it may act again",
    )
}

fn held_up(past: &Past, held: &Parked) -> Answer {
    let verdict =
        format!("agent {} is held with all others by {}: {}", past.id, held.by, quoted(&held.why));
    Answer::of("agent", &past.id, "held", verdict).since(held.since).remedy(resume_all(Kind::Agent))
}

/// What is ordered on its behalf, and does not run yet.
async fn queued(house: &House, past: &Past, answer: Answer) -> Look<Answer> {
    let open = house.reader.open_of_agent(past.id.to_string(), NAMED).await?;
    let open = process::pasts(house, &open).await?;
    let waiting: Vec<_> = open.iter().filter(|process| !process.is_at_work()).collect();
    let Some(first) = waiting.first() else { return Ok(answer) };
    let names: Vec<_> = waiting.iter().map(|process| process.id.as_str()).collect();
    let many = count(waiting.len() as u64, "process");
    let wait = if waiting.len() == 1 { "waits for its turn" } else { "wait for their turn" };
    Ok(answer
        .because(format!("{many} on its behalf {wait}: {}", names.join(", ")))
        .remedy(why(&first.id, "says what that one waits for")))
}

/// Why the last of its processes has no answer.
async fn failed(house: &House, past: &Past) -> Look<Vec<String>> {
    let Some((id, Outcome::Failed, at)) = &past.ended else { return Ok(Vec::new()) };
    let last = Process::load(house, &id.0).await?;
    let why = last.and_then(|process| process.last_failure());
    let why = why.map(|why| format!(": {why}")).unwrap_or_default();
    let at = moment(*at, house.now);
    Ok(vec![format!("the last that ran for it, process {id}, ended without an answer {at}{why}")])
}
