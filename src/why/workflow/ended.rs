//! A workflow whose last run has ended.

use super::super::answer::Answer;
use super::super::words::{between, count, quoted};
use super::budget::{granted_anew, told_anew};
use super::commands::{run_again, steer};
use super::past::Past;
use super::under_way::{undoing_now, undone_because};
use callboard_actors::workflows::{RunRecord, StepRecord, Workflow};

pub(super) fn completed(past: &Past) -> Answer {
    let verdict = format!("{} has completed{}", past.title(), runs(past));
    ended(past, "completed", verdict)
        .remedy(steer("show", &past.id, "shows what it answered, and its state"))
        .remedy(steer("history", &past.id, "shows its steps"))
        .remedy(run_again(&past.id, "begins another run on the state that it has"))
}

/// What is done stays done: only what has failed is tried again.
pub(super) fn failed(past: &Past) -> Answer {
    let failure = past.failure.as_ref();
    let (kind, error) = failure
        .map_or(("unknown", String::new()), |failure| (&failure.kind, quoted(&failure.error)));
    if past.workflow.as_ref().is_some_and(|workflow| workflow.undoing().is_some()) {
        return held_up(past, &error);
    }
    let situation = if kind == "limit" { "limit_reached" } else { "failed" };
    let verdict = format!("{} has failed: {error}", past.title());
    let mut answer = ended(past, situation, verdict);
    for node in past.history.open().into_iter().flat_map(|step| &step.nodes) {
        if let ("failed", Some(error)) = (node.status, &node.error) {
            let (name, attempts) = (quoted(&node.node), count(node.failures, "attempt"));
            answer = answer.because(format!("{name} failed after {attempts}: {}", quoted(error)));
        }
    }
    let hint = hint(kind);
    let granted = (kind == "limit").then(|| granted_anew(past)).flatten();
    let undone = past.history.steps.iter().any(|step| {
        step.run == past.history.run && step.undoes.is_some() && step.committed_at.is_some()
    });
    let then = if undone {
        "what it did is undone: a retry begins the run anew"
    } else {
        "what is done stays done: a retry does only what has failed, from the same checkpoint"
    };
    answer
        .and_because(granted)
        .and_because(hint.map(str::to_owned))
        .because(then)
        .remedy(steer("retry", &past.id, "tries again what has failed"))
        .remedy(steer("history", &past.id, "shows its steps"))
        .remedy(run_again(&past.id, "begins another run on the state that it has"))
}

/// What it did was being undone, and something of that failed.
fn held_up(past: &Past, error: &str) -> Answer {
    let verdict = format!("{} could not undo all that it did: {error}", past.title());
    ended(past, "undo_failed", verdict)
        .because(format!("it was undoing what it did{}", undone_because(past)))
        .and_because(undoing_now(past))
        .because("what is undone is not undone again: a retry goes on with what failed")
        .remedy(steer("retry", &past.id, "tries again to undo it, and goes on with the rest"))
        .remedy(steer("history", &past.id, "shows what is undone already"))
        .remedy(steer("cancel", &past.id, "leaves the rest as it is"))
}

/// What to do beside trying again, by the kind of failure.
fn hint(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "definition" => {
            "an expression, a template or a reducer could not work with what the state holds: the definition has to be mended, and a workflow started anew from it"
        }
        "no_recording" => {
            "a replay has only what was recorded of its source: fork that one to go on from there"
        }
        "indeterminate" => {
            "what was called may have been done: look before a retry has it done again"
        }
        "disk" => "the disk did not take what was to be written: make room, then retry",
        "timeout" => "it took longer than its node may: look whether that is enough",
        _ => return None,
    })
}

pub(super) fn cancelled(past: &Past) -> Answer {
    let by = past.by.as_deref().map(quoted).unwrap_or_default();
    let verdict = format!("{} was cancelled by {by}", past.title());
    let could_be_undone = past.workflow.as_ref().is_some_and(Workflow::could_be_undone);
    let undo = || steer("cancel --undo", &past.id, "undoes what it did and is not undone");
    ended(past, "cancelled", verdict)
        .remedies(could_be_undone.then(undo))
        .remedy(steer("history", &past.id, "shows what it had done"))
        .remedy(run_again(&past.id, "begins another run on the state that it has"))
}

fn ended(past: &Past, situation: &str, verdict: String) -> Answer {
    Answer::of("workflow", &past.id, situation, verdict)
        .since(past.since)
        .and_because(past.made_of())
        .and_because(left(past))
        .and_because(took(past))
        .and_because(told_anew(past))
}

/// What was to be undone, and is not.
fn left(past: &Past) -> Option<String> {
    let left: Vec<_> = past.left.iter().map(ToString::to_string).collect();
    (!left.is_empty()).then(|| {
        format!(
            "its undoing was given up, and this was left as it was: {}",
            quoted(&left.join("; "))
        )
    })
}

fn runs(past: &Past) -> String {
    match past.history.runs.len() {
        0 | 1 => String::new(),
        many => format!(", after {many} runs"),
    }
}

/// What the last run took.
fn took(past: &Past) -> Option<String> {
    let run: &RunRecord = past.history.runs.last()?;
    let (spent, ended) = (run.spent?, run.ended_at?);
    let worked =
        |step: &&StepRecord| step.run == run.run && !step.is_input && step.source.is_none();
    let steps = past.history.steps.iter().filter(worked);
    let steps = count(steps.count() as u64, "step");
    let turns = count(spent.turns, "turn");
    let tokens = spent.tokens_in + spent.tokens_out;
    let usd = spent.cost_usd.filter(|usd| *usd > 0.0).map(|usd| format!(", ${usd:.4}"));
    let usd = usd.unwrap_or_default();
    let span = between(run.started_at, ended);
    Some(format!("run {} took {span}: {steps}, {turns}, {tokens} tokens{usd}", run.run))
}
