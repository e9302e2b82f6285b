//! What is told of workflows: of the thread's own runs, and of any workflow of its lineage.

use super::event::event;
use super::family::{Family, called};
use super::frame::{Held, NodeMore, Question, What};
use super::short::{ERROR, cut};
use crate::wire::{App, Problem};
use callboard_actors::journal::Message;
use callboard_actors::vocabulary::{Name, Payload};
use callboard_actors::workflows::{self, Asker, Ending, Fact, Interrupt, ItemId};
use serde_json::Value;

/// So much of a question is in one frame, in bytes.
const QUESTION: usize = 64 << 10;
/// A run's output is in its frame up to so many bytes.
const OUTPUT: u64 = 64 << 10;

/// What a message of a workflow says.
pub(super) async fn workflow(
    app: &App,
    family: &mut Family,
    name: &Name,
    message: &Message,
) -> Result<Option<What>, Problem> {
    use workflows::Event;
    if message.event_type == "WORKFLOW_STARTED" {
        if let Some(Event::Created { order, .. }) = event(message) {
            family.meet(name, order.parent.as_ref()).await?;
        }
        return Ok(None);
    }
    let Some(before) = family.before(name).await? else { return Ok(None) };
    let is_thread = *name == family.thread().0;
    Ok(match event(message) {
        Some(Event::Completed { run, output, spent, .. }) if is_thread => {
            let output = whole(app, output).await?;
            Some(What::RunEnded { run, status: "completed", output, error: None, spent })
        }
        Some(event) if is_thread => of_run(event).or_else(|event| of_any(event, &before)).ok(),
        Some(event) => of_any(event, &before).ok(),
        None => None,
    })
}

/// What is told of a thread's own runs; an event about something else comes back.
fn of_run(event: workflows::Event) -> Result<What, Box<workflows::Event>> {
    use workflows::Event;
    let ended = |run, status, error, spent| What::RunEnded {
        run,
        status,
        output: Held::none("output"),
        error: Some(cut(error, ERROR)),
        spent,
    };
    Ok(match event {
        Event::RunStarted { run, input, .. } => {
            What::RunStarted { run, input: Held::of("input", input) }
        }
        Event::Forked { run, .. } => What::RunStarted { run, input: Held::none("input") },
        Event::Failed { run, failure, spent, .. } => ended(run, "failed", failure.error, spent),
        Event::Cancelled { run, by, spent, .. } => {
            ended(run, "cancelled", format!("cancelled by {by}"), spent)
        }
        Event::Undone { run, by, spent, .. } => status(
            String::new(),
            "undone",
            Some(by),
            Some(format!("of run {run}, for {} tokens", spent.tokens_in + spent.tokens_out)),
        ),
        other => return Err(Box::new(other)),
    })
}

/// How something stands has changed.
pub(super) fn status(
    path: String,
    status: &'static str,
    by: Option<String>,
    why: Option<String>,
) -> What {
    What::Status { path, status, by, why }
}

/// What is told of any workflow of the lineage; an event that is not told comes back.
fn of_any(
    event: impl Into<Box<workflows::Event>>,
    before: &str,
) -> Result<What, Box<workflows::Event>> {
    use workflows::Event;
    let path = || before.trim_end_matches('/').to_owned();
    Ok(match *event.into() {
        Event::StepCommitted { checkpoint, next, .. } => {
            let next = next.nodes.into_keys().collect();
            What::Step { path: path(), step: checkpoint.number, next }
        }
        Event::Interrupted { interrupt, .. } => What::Question(question(before, *interrupt)),
        Event::Answered { interrupt_id, answer, by, .. } => {
            let value =
                Some(answer).filter(|value| Payload::length(value) <= Payload::INLINE_BYTES);
            What::Answered { interrupt_id, by, value }
        }
        Event::CallDecided { interrupt_id, is_again, by, .. } => {
            What::Answered { interrupt_id, by, value: Some(is_again.into()) }
        }
        Event::Budget { fact: Fact::Granted { interrupt_id, by, .. }, .. }
        | Event::Budget { fact: Fact::Stopped { interrupt_id, by, .. }, .. } => {
            What::Answered { interrupt_id, by, value: None }
        }
        Event::Retried { by, .. } => status(path(), "retried", Some(by), None),
        Event::Paused { by, .. } => status(path(), "paused", Some(by), None),
        Event::Resumed { by, .. } => status(path(), "resumed", Some(by), None),
        Event::RunQueued { .. } => status(path(), "queued", None, None),
        Event::Rewound { by, .. } => status(path(), "rewound", Some(by), None),
        Event::Undoing { by, .. } => status(path(), "undoing", Some(by), None),
        Event::Failing { failure, .. } => {
            status(path(), "failing", None, Some(cut(failure.error, ERROR)))
        }
        Event::Stopping { by, then, .. } => {
            let what = if matches!(then, Ending::Fail(_)) { "failing" } else { "cancelling" };
            status(path(), what, Some(by), None)
        }
        event => return of_node(event, before),
    })
}

/// What is told of a workflow's nodes.
fn of_node(event: workflows::Event, before: &str) -> Result<What, Box<workflows::Event>> {
    use workflows::Event;
    let node = |item: &ItemId, status, more| What::Node {
        path: format!("{before}{}", called(item)),
        step: item.step,
        status,
        more,
    };
    let nothing = NodeMore::default;
    Ok(match event {
        Event::NodeStarted { step, node, items, .. } => {
            let (path, more) = (format!("{before}{node}"), NodeMore { items, ..nothing() });
            What::Node { path, step, status: "started", more }
        }
        Event::NodeDone { item, spent, .. } => {
            let spent = Some(spent).filter(|spent| !spent.is_nothing());
            node(&item, "done", NodeMore { spent, ..nothing() })
        }
        Event::NodeFailed { item, failure, is_caught, spent, .. } => {
            let (error, spent) = (Some(cut(failure.error, ERROR)), Some(spent));
            node(&item, "failed", NodeMore { spent, error, is_caught, ..nothing() })
        }
        Event::NodeRetry { item, failure, due, .. } => {
            let (error, due) = (Some(cut(failure.error, ERROR)), Some(due));
            node(&item, "retrying", NodeMore { error, due, ..nothing() })
        }
        Event::NodeWaits { item, until, .. } => {
            node(&item, "waiting", NodeMore { until: Some(until), ..nothing() })
        }
        Event::NodeStopped { item, .. } => node(&item, "stopped", nothing()),
        Event::Adopted { item, .. } => node(&item, "adopted", nothing()),
        Event::NodeUndoing { deed, .. } => node(&deed.item, "undoing", nothing()),
        Event::NodeUndone { deed, .. } => node(&deed.item, "undone", nothing()),
        other => return Err(Box::new(other)),
    })
}

/// A question, as it is told.
pub(super) fn question(before: &str, interrupt: Interrupt) -> Question {
    let Interrupt { interrupt_id, asker, question, answer, deadline, .. } = interrupt;
    let path = match &asker {
        Asker::Item(item) => format!("{before}{}", called(item)),
        Asker::Limit(_) => before.trim_end_matches('/').to_owned(),
    };
    let words = cut(question, QUESTION);
    Question { path, interrupt_id, words, schema: answer.unwrap_or(Value::Null), deadline }
}

/// A run's output, read where it lies in a file that is not too long.
async fn whole(app: &App, output: Payload) -> Result<Held, Problem> {
    let is_short = output.file().is_some_and(|file| file.bytes <= OUTPUT);
    let read = if is_short { app.parts().journal.value(&output).await.ok() } else { None };
    // What has expired is told by reference.
    Ok(Held::of("output", read.map_or(output, Payload::Inline)))
}
