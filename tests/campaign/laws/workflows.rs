//! A workflow ends as it does without a crash, and what was done is not done again.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Case, Journal, Message};
use crate::scenario::Said;

pub(super) fn violations(case: &Case<'_>) -> Vec<String> {
    let mut found: Vec<_> = case.said.iter().filter_map(|said| broken(said, case.before)).collect();
    found.dedup();
    found.extend(case.said.iter().filter_map(|said| match said {
        Said::Begun { workflow } if !case.heard.ends.contains_key(workflow) => {
            Some(format!("workflow {workflow} was begun, and has gone"))
        }
        _ => None,
    }));
    found.extend(case.heard.ends.iter().filter_map(|(id, end)| another_end(case, id, end)));
    found.extend(done_twice(case.after));
    found
}

/// What was said of a workflow stands in the journal that the crash left.
fn broken(said: &Said, before: &Journal) -> Option<String> {
    let (workflow, event) = match said {
        Said::Begun { workflow } => (workflow, "WORKFLOW_STARTED"),
        Said::Stood { workflow, status } => (workflow, event_of(status)?),
        _ => return None,
    };
    let stream = Some(format!("workflow/{workflow}"));
    let stands = |message: &Message| message.stream == stream && message.event_type == event;
    (!before.messages.iter().any(stands))
        .then(|| format!("it was said, and the journal knows no {event}: {said:?}"))
}

/// The event that brings a workflow into a state.
fn event_of(status: &str) -> Option<&'static str> {
    match status {
        "running" => Some("WORKFLOW_RUN_STARTED"),
        "interrupted" => Some("WORKFLOW_INTERRUPTED"),
        "completed" => Some("WORKFLOW_COMPLETE"),
        _ => None,
    }
}

fn another_end(case: &Case<'_>, id: &str, end: &Value) -> Option<String> {
    let Some(expected) = case.cast.graphs.get(id) else {
        // The crash came between its beginning and the answer that told its id; it has ended well, if it has ended.
        return (end["status"] != "completed").then(|| format!("workflow {id} ended so: {end}"));
    };
    (end != expected)
        .then(|| format!("workflow {id} ended so: {end}\nand without a crash: {expected}"))
}

/// Whatever is done, is done once: steps, their nodes' items, questions, runs.
fn done_twice(after: &Journal) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for message in &after.messages {
        let Some(stream) = message.stream.as_ref().filter(|name| name.starts_with("workflow/"))
        else {
            continue;
        };
        if let Some(what) = what_is_done(message) {
            *seen.entry(format!("{what} of {stream}")).or_default() += 1;
        }
    }
    let twice = seen.into_iter().filter(|(_, times)| *times > 1);
    twice.map(|(what, times)| format!("{what} was done {times} times")).collect()
}

fn what_is_done(message: &Message) -> Option<String> {
    let data = &message.data;
    let item = &data["item"];
    let item = || json!([item["step"], item["node"], item["index"]]);
    match message.event_type.as_str() {
        "NODE_COMPLETE" | "WORKFLOW_ANSWERED" => Some(format!("item {}", item())),
        "NODE_STARTED" => Some(format!("begin of {}", json!([data["step"], data["node"]]))),
        "WORKFLOW_STEP_COMPLETE" => Some(format!("step {}", data["checkpoint"]["number"])),
        "WORKFLOW_COMPLETE" => Some(format!("run {}", data["run"])),
        _ => None,
    }
}
