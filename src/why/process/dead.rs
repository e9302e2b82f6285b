//! A process that was given up: by an error that no retry can mend, or after too many attempts.

use super::super::answer::Answer;
use super::super::commands::{retry, show};
use super::super::words::{count, quoted};
use super::completed::unbilled;
use super::past::{How, Past, read};
use callboard_actors::processes::{Event, FailureKind};

/// What it died of.
pub(super) fn explain(past: &Past) -> Answer {
    let last = past.last().and_then(|attempt| match &attempt.ended {
        Some((_, How::Failed(kind, error))) => Some((attempt.number, *kind, quoted(error))),
        _ => None,
    });
    let answer = match last {
        Some((number, FailureKind::Final, error)) => {
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
    let most = match past.last().and_then(|attempt| attempt.ended.as_ref()) {
        Some((_, How::Failed(FailureKind::Lost, _))) => past
            .order
            .as_ref()
            .map(|order| format!("more than {} of its attempts were lost", order.retry.max_lost)),
        _ => {
            Some(format!("it may be attempted {}, lost attempts apart", count(past.most(), "time")))
        }
    };
    Answer::of("process", &past.id, "dead_out_of_attempts", verdict).and_because(most)
}
