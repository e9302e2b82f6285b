//! [`tell`]: a message of the journal becomes a frame; most are of others, or for nobody, and become none.

use super::family::{Family, called};
use super::frame::{File, Held, NodeMore, Question, Told, What};
use crate::threads;
use crate::wire::{App, Problem};
use callboard_actors::journal::{Message, MessageKind};
use callboard_actors::machine::tagged;
use callboard_actors::nodes::{self, process_of};
use callboard_actors::vocabulary::{Name, Payload, ProcessId};
use callboard_actors::workflows::{self, Asker, Ending, Fact, Interrupt, ItemId};
use callboard_actors::workspaces;
use serde_json::Value;

/// So much of a file is compared, in bytes.
const COMPARED: u64 = 256 << 10;
/// So much of all differences is in one frame, in bytes.
const DIFFS: usize = 64 << 10;
/// So many files are in one frame.
const FILES: usize = 200;
/// A run's output is in its frame up to so many bytes.
const OUTPUT: u64 = 64 << 10;

/// What a message means to the words of models.
#[derive(Debug, Default)]
pub(super) struct Voices {
    /// A model is being asked.
    pub(super) begins: Option<(ProcessId, String)>,
    /// All has been said: what is left of it comes before the message.
    pub(super) ends: Option<ProcessId>,
}

/// A message, told.
#[derive(Debug, Default)]
pub(super) struct Telling {
    pub(super) told: Option<Told>,
    pub(super) voices: Voices,
}

/// What a message says to those who listen to this family.
///
/// # Errors
/// If something could not be read: then the same message is told again.
pub(super) async fn tell(
    app: &App,
    family: &mut Family,
    message: &Message,
) -> Result<Telling, Problem> {
    let Some((kind, name)) = message.stream.as_deref().and_then(|stream| stream.split_once('/'))
    else {
        return Ok(Telling::default());
    };
    let Ok(name) = name.parse::<Name>() else { return Ok(Telling::default()) };
    let (what, voices) = match (&message.kind, kind) {
        (MessageKind::Event, "workflow") => {
            (workflow(app, family, &name, message).await?, Voices::default())
        }
        (MessageKind::Event, "node") => node(family, &name, message).await?,
        (MessageKind::Event, "workspace") => {
            (workspace(app, family, message).await?, Voices::default())
        }
        (MessageKind::Fact, "workflow" | "node") => {
            (host(family, kind, &name, message).await?, Voices::default())
        }
        _ => return Ok(Telling::default()),
    };
    let told = what.map(|what| Told { position: message.position, at: message.created_at, what });
    Ok(Telling { told, voices })
}

/// What this program cannot read, a newer one has written: it is passed over.
fn event<T: serde::de::DeserializeOwned>(message: &Message) -> Option<T> {
    let read = tagged::join(&message.event_type, message.data.get());
    read.inspect_err(|error| {
        tracing::warn!(position = message.position, %error, "a talk passes over a message that it cannot read");
    })
    .ok()
}

// ---- workflows ----

async fn workflow(
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
        error: Some(error),
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

fn status(path: String, status: &'static str, by: Option<String>, why: Option<String>) -> What {
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
            What::Answered { interrupt_id, by, value: Some(answer) }
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
        Event::Failing { failure, .. } => status(path(), "failing", None, Some(failure.error)),
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
            let (error, spent) = (Some(failure.error), Some(spent));
            node(&item, "failed", NodeMore { error, is_caught, spent, ..nothing() })
        }
        Event::NodeRetry { item, failure, due, .. } => {
            let (error, due) = (Some(failure.error), Some(due));
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
    Question { path, interrupt_id, question, schema: answer.unwrap_or(Value::Null), deadline }
}

/// A run's output, read where it lies in a file that is not too long.
async fn whole(app: &App, output: Payload) -> Result<Held, Problem> {
    let is_short = output.file().is_some_and(|file| file.bytes <= OUTPUT);
    let read = if is_short { app.parts().journal.value(&output).await.ok() } else { None };
    // What has expired is told by reference.
    Ok(Held::of("output", read.map_or(output, Payload::Inline)))
}

// ---- nodes ----

async fn node(
    family: &mut Family,
    name: &Name,
    message: &Message,
) -> Result<(Option<What>, Voices), Problem> {
    use nodes::Event;
    if message.event_type == "NODE_STARTED" {
        if let Some(Event::Started { order, .. }) = event(message) {
            family.meet_node(name, &order.workflow_id.0, &order.path).await?;
        }
        return Ok(Default::default());
    }
    let Some(path) = family.node(name).await? else { return Ok(Default::default()) };
    let mut voices = Voices::default();
    let what = match event(message) {
        Some(Event::Asked { turn, process_id: process, .. }) => {
            voices.begins = Some((process.clone(), path.clone()));
            What::Turn { path, turn, process }
        }
        Some(Event::Answered { turn, metrics, violations, .. }) => {
            let process = process_of(name, turn);
            voices.ends = Some(process.clone());
            What::Cost {
                path,
                turn,
                process,
                tokens_in: metrics.tokens_in,
                tokens_out: metrics.tokens_out,
                cost_usd: metrics.cost_usd,
                duration_ms: metrics.duration_ms,
                violations,
            }
        }
        Some(Event::Called { turn, index, call, .. }) => {
            let arguments = Held::of("arguments", call.arguments);
            What::ToolCall { path, turn, index, name: call.name, arguments }
        }
        Some(Event::CallEnded { turn, index, name, result, is_error, .. }) => {
            let result = Held::of("result", result);
            What::ToolResult { path, turn, index, name, is_error, result }
        }
        _ => return Ok(Default::default()),
    };
    Ok((Some(what), voices))
}

// ---- files ----

async fn workspace(
    app: &App,
    family: &mut Family,
    message: &Message,
) -> Result<Option<What>, Problem> {
    if message.event_type != "WORKSPACE_CHANGED" {
        return Ok(None);
    }
    let Some(workspaces::Event::Changed { workspace_id, number, by, files, .. }) = event(message)
    else {
        return Ok(None);
    };
    let Some(path) = family.place(&by.workflow_id.0, &by.path).await? else { return Ok(None) };
    let more = files.len().saturating_sub(FILES);
    let touches = app.parts().workspaces.look(&workspace_id, |known| {
        let mut entries = known.entries().filter(|(entry, _)| entry.number == number);
        entries.next().map(|(entry, _)| entry.change.touches.clone())
    });
    let touches = touches.await?.unwrap_or_default();
    let (mut told, mut room) = (Vec::new(), DIFFS);
    for file in files.into_iter().take(FILES) {
        let touch = touches.iter().find(|touch| touch.path == file.path);
        let diff = match touch {
            Some(touch) if room > 0 => difference(app, touch).await?,
            _ => None,
        };
        let diff = diff.filter(|diff| diff.len() <= room);
        room -= diff.as_ref().map_or(0, String::len);
        told.push(File { path: file.path, before: file.before, after: file.after, diff });
    }
    Ok(Some(What::FileChange { path, tool: by.tool, number, files: told, more }))
}

/// What was changed in a file; `None` also where its content has expired.
async fn difference(app: &App, touch: &workspaces::Touch) -> Result<Option<String>, Problem> {
    match threads::diff(&app.parts().journal, touch, COMPARED).await {
        Err(problem) if problem.may_pass() => Err(problem),
        found => Ok(found.unwrap_or_default()),
    }
}

// ---- what hosts do ----

/// Somebody has to decide before it goes on.
async fn host(
    family: &mut Family,
    kind: &str,
    name: &Name,
    message: &Message,
) -> Result<Option<What>, Problem> {
    let what = match message.event_type.as_str() {
        "ENTITY_PARKED" => "parked",
        "ENTITY_RESUMED" => "unparked",
        _ => return Ok(None),
    };
    let path = match kind {
        "workflow" => family.before(name).await?.map(|path| path.trim_end_matches('/').to_owned()),
        _ => family.node(name).await?,
    };
    let Some(path) = path else { return Ok(None) };
    let data: Value = serde_json::from_str(message.data.get()).unwrap_or_default();
    let text = |name: &str| data[name].as_str().map(str::to_owned);
    Ok(Some(status(path, what, text("by"), text("why"))))
}
