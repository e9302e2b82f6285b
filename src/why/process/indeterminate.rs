//! A process of which nobody knows whether its attempt did its work (`on_lost = ask`): it waits for an
//! operator, because to ask again might do, and cost, everything twice.

use super::super::answer::Answer;
use super::super::commands::{cancel, fail, retry};
use super::super::tale;
use super::past::Past;

/// What was lost, and who has to decide.
pub(super) fn explain(past: &Past) -> Answer {
    let newest = past.messages.iter().rev().find(|message| message.position == past.position);
    let why = newest.map(|message| tale::text(message, "why")).unwrap_or_default();
    let verdict = format!(
        "process {} waits for you: its attempt may have done its work, but what became of it is not known: {why}",
        past.id
    );
    Answer::of("process", &past.id, "indeterminate", verdict)
        .since(past.since)
        .because(format!(
            "runtime {} says on_lost = \"ask\": it is not asked again by itself",
            past.runtime()
        ))
        .and_because(past.attempts_in_words())
        .and_because(past.redrives())
        .remedy(retry(
            &past.id,
            "asks again; what the lost attempt did may be done, and paid for, twice",
        ))
        .remedy(fail(&past.id, "takes it for failed: it is dead then, and can still be retried"))
        .remedy(cancel(&past.id, "ends it for good"))
}
