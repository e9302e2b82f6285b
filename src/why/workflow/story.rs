//! A workflow's events in words.

use super::super::tale;
use super::super::words::{count, quoted};
use super::past::read;
use callboard_actors::journal::Message;
use callboard_actors::workflows::{Event, ItemId, Purpose};

/// An event in words; `None`: it is of no account.
pub(in crate::why) fn event(message: &Message) -> Option<String> {
    let Some(event) = read(message) else {
        return Some(tale::in_capitals(message, &message.event_type));
    };
    Some(match event {
        Event::Created { order, .. } => format!("started as {}", quoted(&order.definition)),
        Event::Forked { source, purpose, .. } => {
            let how = match purpose {
                Purpose::Fork => "forked from",
                Purpose::Replay => "replays",
            };
            format!("{how} {} at checkpoint {}", source.workflow_id, source.checkpoint)
        }
        Event::RunStarted { run, .. } => format!("run {run} began"),
        Event::RunQueued { .. } => "another run waits for the end of this one".to_owned(),
        Event::StepCommitted { checkpoint, .. } => {
            format!("step {} is done: checkpoint {}", checkpoint.number, checkpoint.number)
        }
        Event::Completed { run, .. } => format!("run {run} has completed"),
        Event::Failing { failure, .. } => format!("is going to fail: {}", quoted(&failure.error)),
        Event::Failed { run, failure, .. } => {
            format!("run {run} has failed: {}", quoted(&failure.error))
        }
        Event::Retried { by, .. } => format!("tried again by {}", quoted(&by)),
        Event::Paused { by, .. } => format!("paused by {}", quoted(&by)),
        Event::Resumed { by, .. } => format!("resumed by {}", quoted(&by)),
        Event::Stopping { run, by, called_off, .. } => {
            let waiting = match called_off {
                0 => String::new(),
                many => format!(", and {} that waited called off", count(many, "run")),
            };
            format!("run {run} is being ended by {}{waiting}", quoted(&by))
        }
        Event::Cancelled { run, by, .. } => format!("run {run} was ended by {}", quoted(&by)),
        Event::Undoing { run, by, .. } => {
            format!("what run {run} did is being undone, because of {}", quoted(&by))
        }
        Event::Undone { count, .. } => format!("undone: {count}"),
        Event::Rewound { by, to, is_paused, .. } => {
            let and = if is_paused { "paused there" } else { "on from there" };
            format!("back at checkpoint {}, {and}, by {}", to.checkpoint.number, quoted(&by))
        }
        Event::NodeUndoing { deed, step, .. } => format!("step {step}: undoing {deed}"),
        Event::NodeUndone { deed, .. } => format!("undone: {deed}"),
        Event::Checkpointed { .. } | Event::NodeSteered { .. } => return None,
        event => return of_node(&event),
    })
}

fn of_node(event: &Event) -> Option<String> {
    Some(match event {
        Event::NodeStarted { step, node, .. } => format!("step {step}: {} began", quoted(node)),
        Event::NodeDone { item, .. } => format!("{} is done", name(item)),
        Event::NodeFailed { item, failure, .. } => {
            format!("{} has failed: {}", name(item), quoted(&failure.error))
        }
        Event::NodeRetry { item, failure, .. } => {
            let (name, attempt) = (name(item), item.attempt);
            format!("{name} failed, attempt {attempt} follows: {}", quoted(&failure.error))
        }
        Event::Adopted { item, .. } => format!("{} is taken over", name(item)),
        Event::NodeWaits { item, .. } => format!("{} waits", name(item)),
        Event::NodeStopped { item, .. } => format!("{} was stopped", name(item)),
        Event::Interrupted { interrupt, .. } => {
            let who = interrupt.asker.item().map_or_else(|| "a limit".to_owned(), name);
            format!("{who} asks: {}", quoted(&interrupt.question))
        }
        Event::Budget { fact, .. } => return super::budget::fact(fact),
        Event::CallDecided { item, is_again, by, .. } => {
            let what = if *is_again { "it is called again" } else { "it has failed" };
            format!("{} was decided by {}: {what}", name(item), quoted(by))
        }
        Event::Answered { item, answer, by, .. } => {
            let answer = quoted(&answer.to_string());
            format!("{} was answered by {}: {answer}", name(item), quoted(by))
        }
        _ => return None,
    })
}

/// `judge`, or `judge[2]`
fn name(item: &ItemId) -> String {
    let node = quoted(&item.node);
    item.index.map_or_else(|| node.clone(), |index| format!("{node}[{index}]"))
}
