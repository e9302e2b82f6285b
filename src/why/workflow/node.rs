//! A node that asks a model: for which workflow, at which turn, by which process.

use super::super::answer::Answer;
use super::super::commands::{serve, why};
use super::super::house::{House, Look};
use super::super::kinds::Kind;
use super::super::words::quoted;
use super::super::{parked, tale};
use super::past::text;
use callboard_actors::journal::{Message, MessageKind};
use callboard_actors::machine::{Machine, tagged};
use callboard_actors::nodes::{Event, Node};
use callboard_actors::vocabulary::{Name, StreamId};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Why a node is as it is; `None`: there is no such node.
pub(in crate::why) async fn explain(house: &House, name: &Name) -> Look<Option<Answer>> {
    let stream = StreamId { kind: Node::KIND, name: name.clone() };
    let row = house.reader.row("nodes", stream.clone()).await?;
    let Some(row) = row else { return Ok(None) };
    let loaded = house.reader.stream(stream, 0).await?;
    let answer = match &loaded.parked {
        Some(parked) => parked::explain(Kind::Node, name.as_str(), parked),
        None => waiting(house, name, &row, &loaded.messages).await?,
    };
    let newest = loaded.messages.iter().rfind(|message| message.kind == MessageKind::Event);
    let answer = match (newest, answer.since) {
        (Some(newest), None) => answer.since(newest.created_at),
        _ => answer,
    };
    let workflow = text(&row, "workflow_id");
    let story = tale::told(&loaded.messages, Kind::Node, |message| Some(event(message)));
    Ok(Some(answer.remedy(why(workflow, "says what its workflow is at")).evidence(story)))
}

/// At work, or waiting for room among its limits.
async fn waiting(
    house: &House,
    name: &Name,
    row: &Map<String, Value>,
    messages: &[Message],
) -> Look<Answer> {
    let is_running = text(row, "status") == "running";
    let waits = if is_running { super::budget::of_node(house, name, row).await? } else { None };
    let Some((what, remedies)) = waits else { return Ok(unparked(house, name, row, messages)) };
    let verdict = format!("node {} waits: {what}", quoted(text(row, "path")));
    let answer = Answer::of("node", name, "limit", verdict).remedies(remedies);
    let is_served = house.is_served();
    let unserved =
        |answer: Answer| answer.because("no server answers on this home").remedy(serve());
    Ok(if is_served { answer } else { unserved(answer) })
}

fn unparked(house: &House, name: &Name, row: &Map<String, Value>, messages: &[Message]) -> Answer {
    let (status, path) = (text(row, "status"), quoted(text(row, "path")));
    let process = text(row, "current_process_id");
    let turn = row.get("turn").and_then(Value::as_i64).unwrap_or(1);
    let verdict = match status {
        "running" => format!("node {path} is at turn {turn}: process {process} asks the model"),
        "calling" => {
            let names = open_calls(messages);
            format!("node {path} waits for tools that turn {turn} called: {names}")
        }
        "failed" => format!("node {path} has failed: {}", quoted(text(row, "error"))),
        other => format!("node {path} is {other}"),
    };
    let answer = Answer::of("node", name, status, verdict);
    let answer = if process.is_empty() {
        answer
    } else {
        answer.remedy(why(process, "says what that process is at"))
    };
    if matches!(status, "running" | "calling") && !house.is_served() {
        return answer.because("no server answers on this home").remedy(serve());
    }
    answer
}

/// The tools whose calls have not ended.
fn open_calls(messages: &[Message]) -> String {
    let mut open = BTreeMap::new();
    let events = messages.iter().filter(|message| message.kind == MessageKind::Event);
    for message in events {
        match tagged::join(&message.event_type, message.data.get()).ok() {
            Some(Event::Called { turn, index, call, .. }) => {
                open.insert((turn, index), call.name);
            }
            Some(Event::CallEnded { turn, index, .. }) => drop(open.remove(&(turn, index))),
            _ => {}
        }
    }
    let names: Vec<_> = open.into_values().collect();
    names.join(", ")
}

/// An event of a node in words.
pub(in crate::why) fn event(message: &Message) -> String {
    let event: Option<Event> = tagged::join(&message.event_type, message.data.get()).ok();
    match event {
        Some(Event::Started { order, .. }) => format!("began as {}", quoted(&order.path)),
        Some(Event::Asked { turn, process_id, .. }) => {
            format!("turn {turn} was asked by process {process_id}")
        }
        Some(Event::Answered { turn, violations: None, .. }) => format!("turn {turn} was answered"),
        Some(Event::Answered { turn, violations: Some(why), .. }) => {
            format!("turn {turn} was answered with what it may not be: {}", quoted(&why))
        }
        Some(Event::Called { turn, call, .. }) => format!("turn {turn} called {}", call.name),
        Some(Event::CallBegun { name, .. }) => format!("{name} is being called, once"),
        Some(Event::CallEnded { name, is_error, .. }) => {
            format!("{name} {}", if is_error { "failed" } else { "gave its result" })
        }
        Some(Event::Cancelling { by, .. }) => format!("is being stopped by {}", quoted(&by)),
        Some(Event::Completed { .. }) => "has its output".to_owned(),
        Some(Event::Failed { error, .. }) => format!("has failed: {}", quoted(&error)),
        Some(Event::Cancelled { by, .. }) => format!("was stopped by {}", quoted(&by)),
        None => tale::in_capitals(message, &message.event_type),
    }
}
