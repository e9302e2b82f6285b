//! A process between two attempts.

use super::super::answer::Answer;
use super::super::commands::{cancel, serve};
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
