//! A process between two attempts.

use super::super::answer::Answer;
use super::super::commands::{cancel, serve, why};
use super::super::house::{House, Look};
use super::super::words::{between, count, moment};
use super::past::{How, Past};
use super::queued;
use super::story::failed;
use callboard_actors::vocabulary::Timestamp;

const UNSERVED: &str = "no server answers on this home: nobody will begin it then";

/// What it waits for: the moment when it is due, then its turn, as everybody.
pub(super) async fn explain(house: &House, past: &Past) -> Look<Answer> {
    match past.due {
        Some(due) if due > house.now => Ok(waiting(house, past, due)),
        _ => queued::explain(house, past).await,
    }
}

/// Another attempt waits for room within the limits that it stands under.
pub(super) fn held(past: &Past) -> Answer {
    let next = past.last().map_or(1, |attempt| attempt.number + 1);
    let verdict = format!(
        "process {} waits until there is room for attempt {next} within the limits of its workflow",
        past.id
    );
    let workflow = past.order.as_ref().and_then(|order| order.workflow_id.as_ref());
    let answer = Answer::of("process", &past.id, "held", verdict)
        .since(past.since)
        .and_because(past.attempts_in_words())
        .because("an attempt before it was paid for, or may have been: each needs room of its own")
        .and_because(past.redrives());
    let answer = match workflow {
        Some(id) => {
            answer.remedy(why(&id.0.to_string(), "says what is in the way, and who is asked"))
        }
        None => answer,
    };
    answer.remedy(cancel(&past.id, "ends it without another attempt"))
}

fn waiting(house: &House, past: &Past, due: Timestamp) -> Answer {
    let next = past.last().map_or(1, |attempt| attempt.number + 1);
    let before = past.last().and_then(|attempt| match &attempt.ended {
        Some((_, How::Failed(kind, _))) => {
            Some(format!("attempt {} {}", attempt.number, failed(*kind)))
        }
        _ => None,
    });
    let before = before.unwrap_or_default();
    let due_at = moment(due, house.now);
    let verdict = format!("process {} waits for attempt {next}, due {due_at}: {before}", past.id);
    let answer = Answer::of("process", &past.id, "retry_wait", verdict)
        .since(past.since)
        .and_because(past.attempts_in_words())
        .because(format!(
            "attempt {next} begins {} after the last one failed, by itself; it is given up after {}, lost ones apart",
            between(past.since, due),
            count(past.most(), "failed attempt"),
        ))
        .and_because(past.redrives());
    if !house.is_served() {
        return answer.because(UNSERVED).remedy(serve());
    }
    answer.remedy(cancel(&past.id, "ends it without another attempt"))
}
