//! A process that has its answer: what it was paid for.

use super::super::answer::Answer;
use super::super::commands::show;
use super::past::{Attempt, How, Past};
use super::story::paid;
use callboard_actors::processes::FailureKind;

/// What it was paid for.
pub(super) fn explain(past: &Past) -> Answer {
    let paid_for = past.last().and_then(|attempt| match &attempt.ended {
        Some((_, How::Answered(metrics))) => {
            Some(format!(": attempt {} answered, for {}", attempt.number, paid(metrics)))
        }
        _ => None,
    });
    let verdict = format!("process {} is {}{}", past.id, past.status, paid_for.unwrap_or_default());
    Answer::of("process", &past.id, "completed", verdict)
        .since(past.since)
        .and_because(past.attempts_in_words())
        .and_because(unbilled(past))
        .and_because(past.redrives())
        .remedy(show(&past.id, "shows the answer"))
}

/// Attempts of which nobody knows what they cost.
pub(super) fn unbilled(past: &Past) -> Option<String> {
    let is_lost = |attempt: &&Attempt| {
        matches!(
            &attempt.ended,
            Some((_, How::Failed(FailureKind::Lost | FailureKind::TimedOut, _)))
        )
    };
    let lost: Vec<_> = past.attempts.iter().filter(is_lost).map(|a| a.number.to_string()).collect();
    (!lost.is_empty())
        .then(|| format!("what attempt {} cost is not known: ask the provider", lost.join(" and ")))
}
