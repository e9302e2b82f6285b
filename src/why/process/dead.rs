//! A process that was given up: by an error that no retry can mend, or after too many attempts.

use super::super::answer::Answer;
use super::super::commands::{retry, show};
use super::super::house::House;
use super::super::words::{count, quoted};
use super::answered::spooled;
use super::completed::unbilled;
use super::past::{How, Past, read};
use callboard_actors::processes::{Event, FailureKind, OnLost};

/// What it died of.
pub(super) fn explain(house: &House, past: &Past) -> Answer {
    if let Some((_, How::Unsaid(_, error))) = past.last().and_then(|last| last.ended.as_ref()) {
        return unsaid(house, past, &quoted(error));
    }
    let last = past.last().and_then(|attempt| match &attempt.ended {
        Some((_, How::Failed(kind, error))) => Some((attempt.number, *kind, quoted(error))),
        _ => None,
    });
    let answer = match last {
        Some((number, FailureKind::Final | FailureKind::Unable, error)) => {
            at_once(past, number, &error).and_because(past.attempts_in_words().into_iter().skip(1))
        }
        _ => used_up(past).and_because(past.attempts_in_words()),
    };
    answer
        .since(past.since)
        .and_because(unbilled(past))
        .and_because(past.redrives())
        .remedy(retry(&past.id, "tries it again from the beginning, once the cause is mended"))
        .remedy(show(&past.id, "shows all that is known of it"))
}

fn at_once(past: &Past, number: u32, error: &str) -> Answer {
    let verdict = format!(
        "process {} is dead: attempt {number} met an error that no retry can mend: {error}",
        past.id
    );
    Answer::of("process", &past.id, "dead_final_error", verdict).because(
        "errors of this kind are not tried again by themselves, because they would only cost more",
    )
}

fn used_up(past: &Past) -> Answer {
    let why = past.messages.iter().rev().find_map(|message| match read(message) {
        Some(Event::Died { why, .. }) => Some(quoted(&why)),
        _ => None,
    });
    let verdict = format!("process {} is dead: {}", past.id, why.unwrap_or_default());
    let (situation, most) = match most(past) {
        Some(most) => ("dead_out_of_attempts", Some(most)),
        None => ("dead", None),
    };
    Answer::of("process", &past.id, situation, verdict).and_because(most)
}

/// It has an answer that nobody will say.
fn unsaid(house: &House, past: &Past, error: &str) -> Answer {
    let verdict = format!("process {} is dead, though it has an answer: {error}", past.id);
    Answer::of("process", &past.id, "dead_unsaid", verdict)
        .since(past.since)
        .and_because(past.attempts_in_words())
        .and_because(past.redrives())
        .remedies(spooled(house, past))
        .remedy(retry(&past.id, "asks, and pays, anew, once its session takes answers"))
}

/// The limit that it has reached; `None`: somebody, or something, else has ended it.
fn most(past: &Past) -> Option<String> {
    let order = past.order.as_ref()?;
    match past.last()?.ended.as_ref()? {
        (_, How::Failed(FailureKind::Lost, _)) => (order.on_lost == OnLost::Retry)
            .then(|| format!("more than {} of its attempts were lost", order.retry.max_lost)),
        (_, How::Failed(FailureKind::Passing | FailureKind::TimedOut, _)) => {
            let times = count(past.most(), "time");
            Some(format!("it may be attempted {times}, lost attempts apart"))
        }
        _ => None,
    }
}
