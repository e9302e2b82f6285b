//! A workflow with a run under way: which nodes are at work and since when, what is asked, waited for, tried again.

use super::super::answer::{Answer, Remedy};
use super::super::commands::{follow, why};
use super::super::house::{House, Look};
use super::super::words::{ago, count, moment, quoted};
use super::budget;
use super::commands::{answers, steer};
use super::past::{Past, children, nodes_at_work, text};
use callboard_actors::vocabulary::Timestamp;
use callboard_actors::workflows::{Ending, NodeRecord, Phase, Waiting, Workflow};
use serde_json::{Map, Value};

/// A run that goes on, or waits for a person.
pub(super) async fn running(house: &House, past: &Past) -> Look<Answer> {
    let nodes = open_nodes(past);
    let answer = match asked(past) {
        Some((situation, verdict)) => Answer::of("workflow", &past.id, situation, verdict),
        None => at_work(house, past, &nodes),
    };
    let since = nodes.iter().map(|node| node.started_at).min();
    let answer = answer.since(since.unwrap_or(past.since));
    let answer = detailed(house, past, answer, &nodes).await?;
    Ok(budget::told(past, answer.and_because(past.made_of()).and_because(limits(past)))
        .remedy(steer("show", &past.id, "shows its state"))
        .remedy(follow(&format!("workflow/{}", past.id)))
        .remedy(steer("pause", &past.id, "has nothing new begin"))
        .remedy(steer("cancel", &past.id, "stops it; what it has cost is not given back")))
}

/// The verdict where it only waits for a person.
fn asked(past: &Past) -> Option<(&'static str, String)> {
    let questions = past.questions();
    let first = questions.first().filter(|_| past.status() == "interrupted")?;
    let more = questions.len() - 1;
    let more = if more == 0 {
        String::new()
    } else {
        format!(", and {} more", count(more as u64, "question"))
    };
    let question = quoted(&first.question);
    Some(("interrupted", format!("{} waits for a person: {question}{more}", past.title())))
}

fn at_work(house: &House, past: &Past, nodes: &[&NodeRecord]) -> Answer {
    let step = past.history.open().map_or(0, |step| step.step);
    let of = |situation: &str, what: String| {
        Answer::of("workflow", &past.id, situation, format!("{} {what}", past.title()))
    };
    let all = |status: &str| !nodes.is_empty() && nodes.iter().all(|node| node.status == status);
    let names: Vec<&str> = nodes.iter().map(|node| node.node.as_str()).collect();
    let names = names.join(", ");
    if all("retrying") {
        let due = nodes.iter().filter_map(|node| node.due).min();
        let due = due.map(|due| moment(due, house.now)).unwrap_or_default();
        return of("retry_wait", format!("waits to try {names} again {due}"));
    }
    if all("waiting") {
        let until = nodes.first().and_then(|node| node.until.as_ref());
        let until = until.map(|until| awaited(until, house.now)).unwrap_or_default();
        return of("waiting", format!("waits in {names} for {until}"));
    }
    if nodes.is_empty() {
        let what = format!("is between two steps: what step {step} comes to is being worked out");
        return of("between_steps", what);
    }
    of("running", format!("runs: step {step}, at {names}"))
}

/// Paused: what was under way still ends.
pub(super) async fn paused(house: &House, past: &Past) -> Look<Answer> {
    let by = past.by.as_deref().map(quoted).unwrap_or_default();
    let verdict = format!("{} is paused by {by}: nothing new begins", past.title());
    let answer = Answer::of("workflow", &past.id, "paused", verdict).since(past.since);
    let parent = past.order.as_ref().and_then(|order| order.parent.as_ref());
    let held = past.workflow.as_ref().is_some_and(Workflow::is_held);
    let answer = match parent.filter(|_| held) {
        Some(parent) => answer.remedy(steer(
            "resume",
            parent.workflow_id.0.as_str(),
            "lets its parent go on, and it with that",
        )),
        None => answer.remedy(steer("resume", &past.id, "lets it go on")),
    };
    let answer = detailed(house, past, answer, &open_nodes(past)).await?;
    Ok(answer.remedy(steer("cancel", &past.id, "stops it for good")))
}

/// What it did is being undone, the newest first.
pub(super) async fn undoing(house: &House, past: &Past) -> Look<Answer> {
    let verdict = format!("{} is undoing what it did{}", past.title(), undone_because(past));
    let answer = Answer::of("workflow", &past.id, "undoing", verdict)
        .since(past.since)
        .and_because(undoing_now(past));
    let answer = detailed(house, past, answer, &open_nodes(past)).await?;
    Ok(answer
        .remedy(steer("history", &past.id, "shows what is undone already"))
        .remedy(steer("pause", &past.id, "has nothing more be undone for now"))
        .remedy(steer("cancel", &past.id, "leaves the rest as it is")))
}

/// Why it undoes what it did: as its run failed, say.
pub(super) fn undone_because(past: &Past) -> String {
    let why = past.workflow.as_ref().and_then(Workflow::why_undone);
    let error = why.and_then(|why| why["error"]["error"].as_str()).map(quoted);
    let node = why.and_then(|why| why["node"].as_str());
    match (node, error) {
        (Some(node), Some(error)) => format!(", as {} failed: {error}", quoted(node)),
        (None, Some(error)) => format!(": {error}"),
        _ => String::new(),
    }
}

/// What is being undone, and how much is left.
pub(super) fn undoing_now(past: &Past) -> Option<String> {
    let (now, left) = past.workflow.as_ref()?.undoing()?;
    let left = count(left as u64, "thing");
    Some(match now {
        Some(deed) => format!("{left} to be undone, now {deed}"),
        None => format!("{left} to be undone; how is being worked out"),
    })
}

/// Being ended: what is under way is being stopped.
pub(super) async fn stopping(house: &House, past: &Past) -> Look<Answer> {
    let by = past.by.as_deref().map(quoted).unwrap_or_default();
    let then = match past.workflow.as_ref().map(Workflow::phase) {
        Some(Phase::Stopping { then, .. }) => in_future(then),
        _ => in_future(&Ending::Cancel),
    };
    let verdict = format!("{} is being ended by {by}; {then}", past.title());
    let answer = Answer::of("workflow", &past.id, "cancelling", verdict)
        .since(past.since)
        .because("whoever works at its nodes is being stopped first: nothing is left behind");
    detailed(house, past, answer, &open_nodes(past)).await
}

/// What follows when nobody works at it any more.
fn in_future(then: &Ending) -> String {
    match then {
        Ending::Cancel => "it is cancelled then".to_owned(),
        Ending::Fail(failure) => format!("it fails then: {}", quoted(&failure.error)),
        Ending::Run { .. } => "another run begins then".to_owned(),
        Ending::Rewind { to, .. } => {
            format!("it goes back to checkpoint {} then", to.checkpoint.number)
        }
        Ending::Undo(undo) => format!("what it did is undone, and {}", in_future(&undo.then)),
    }
}

/// The nodes of its step that have not finished.
fn open_nodes(past: &Past) -> Vec<&NodeRecord> {
    let nodes = past.history.open().into_iter().flat_map(|step| &step.nodes);
    nodes.filter(|node| !matches!(node.status, "done" | "stopped")).collect()
}

/// What each node is at, who works for it, and what can be done.
async fn detailed(
    house: &House,
    past: &Past,
    answer: Answer,
    nodes: &[&NodeRecord],
) -> Look<Answer> {
    let mut answer = answer.remedies(
        past.questions().iter().flat_map(|asked| answers(&past.id, asked)).collect::<Vec<_>>(),
    );
    for node in nodes {
        answer = answer.because(in_words(node, house.now));
    }
    for row in nodes_at_work(house, &past.id).await? {
        let (path, process) = (text(&row, "path"), text(&row, "current_process_id"));
        let turn = row.get("turn").and_then(Value::as_i64).unwrap_or(1);
        if process.is_empty() {
            let what = format!("{}: turn {turn} has called tools, which are at work", quoted(path));
            answer = answer.because(what).remedy(why(text(&row, "id"), "says which"));
            continue;
        }
        let waits = match text(&row, "id").parse() {
            Ok(name) => budget::of_node(house, &name, &row).await?,
            Err(_) => None,
        };
        if let Some((what, remedies)) = waits {
            answer = answer.because(format!("{}: {what}", quoted(path))).remedies(remedies);
            continue;
        }
        answer = answer
            .because(format!("{}: turn {turn} is process {process}", quoted(path)))
            .remedy(why(process, "says what that process is at"));
    }
    for row in children(house, &past.id).await? {
        let (what, remedies) = child(&row);
        answer = answer.because(what).remedies(remedies);
    }
    Ok(answer)
}

/// A subgraph, which is a workflow of its own.
fn child(row: &Map<String, Value>) -> (String, Vec<Remedy>) {
    let (id, definition, status) = (text(row, "id"), text(row, "type"), text(row, "status"));
    let asks = row.get("interrupts").and_then(Value::as_i64).unwrap_or(0) > 0;
    let asks = if asks { ", and asks a person" } else { "" };
    let what = format!("its subgraph {definition} is workflow {id}, which is {status}{asks}");
    (what, vec![why(id, "says what that one waits for")])
}

fn in_words(node: &NodeRecord, now: Timestamp) -> String {
    let name = quoted(&node.node);
    let items = node.items.map(|items| format!(" ({} of {items} done)", node.done));
    let items = items.unwrap_or_default();
    let error = node.error.as_deref().map(quoted).unwrap_or_default();
    let began = ago(node.started_at, now);
    let limit = node.deadline.map(|end| format!("; at the latest {}", moment(end, now)));
    let limit = limit.unwrap_or_default();
    let failures = if node.failures == 0 {
        String::new()
    } else {
        format!("; {} in vain before: {error}", count(node.failures, "attempt"))
    };
    match node.status {
        "retrying" => {
            let due = node.due.map(|due| moment(due, now)).unwrap_or_default();
            format!("{name}{items} has failed and is tried again {due}: {error}")
        }
        "waiting" => {
            let until = node.until.as_ref().map(|until| awaited(until, now)).unwrap_or_default();
            format!("{name}{items} waits for {until}, since {began}{limit}")
        }
        "asking" => format!("{name}{items} asks a person, since {began}{limit}"),
        "failed" => format!("{name}{items} has failed: {error}; the others end first"),
        "held" => format!("{name}{items} begins when it goes on: nobody works at it"),
        _ => format!("{name}{items} is at work, begun {began}{failures}"),
    }
}

fn awaited(until: &Waiting, now: Timestamp) -> String {
    match until {
        Waiting::Moment(at) => format!("the moment {}", moment(*at, now)),
        Waiting::Message { topic, when, after } => {
            let when = when.as_ref().map(|when| format!(" of which {} is true", quoted(when)));
            let when = when.unwrap_or_default();
            format!("a message on {}{when}, behind position {after}", quoted(topic))
        }
    }
}

/// How far the run may go.
fn limits(past: &Past) -> Option<String> {
    let limits = &past.order.as_ref()?.limits;
    let parts = [
        limits.steps.map(|most| format!("{most} steps")),
        limits.seconds.map(|most| format!("{most} seconds")),
        limits.usd.map(|most| format!("{most} US dollars")),
        limits.tokens.map(|most| format!("{most} tokens")),
        limits.turns.map(|most| format!("{most} turns")),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| format!("each run may take {}", parts.join(", ")))
}
