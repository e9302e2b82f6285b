//! What tools were called for is done once: a call that has its result is not made again, and has one place in the audit;
//! nobody hears a message twice.

use std::collections::BTreeMap;

use serde_json::json;

use super::Case;
use super::journal::{Journal, Message};

pub(super) fn violations(case: &Case<'_>) -> Vec<String> {
    let mut found = Vec::new();
    if case.cast.has_tools {
        found.extend(twice(case.after));
        found.extend(without_result(case.after));
        found.extend(unheard(case));
    }
    found
}

fn twice(after: &Journal) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for what in after.messages.iter().filter_map(what_is_done) {
        *seen.entry(what).or_default() += 1;
    }
    let twice = seen.into_iter().filter(|(_, times)| *times > 1);
    twice.map(|(what, times)| format!("{what}: {times} times in the journal")).collect()
}

fn what_is_done(message: &Message) -> Option<String> {
    let Message { event_type, stream, topic, data, .. } = message;
    match (event_type.as_str(), stream, topic) {
        // A node of a workflow calls for an attempt of its own, a model for the n-th time in a turn.
        ("TOOL_CALLED" | "TOOL_BEGUN" | "TOOL_RESULT", Some(stream), _) => {
            let which = json!([data["item"], data["turn"], data["index"]]);
            Some(format!("{event_type} {which} of {stream}"))
        }
        ("WORKSPACE_CHANGED", Some(stream), _) => {
            Some(format!("change {} of {stream}", data["number"]))
        }
        (_, None, Some(topic)) if topic.starts_with("team.") => Some(format!("{data} on {topic}")),
        _ => None,
    }
}

/// Every call that was made has come to something.
fn without_result(after: &Journal) -> Vec<String> {
    let calls = |event: &str| {
        let all = after.messages.iter().filter(move |message| message.event_type == event);
        all.map(|message| {
            let Message { stream, data, .. } = message;
            json!([stream, data["turn"], data["index"]]).to_string()
        })
        .collect::<Vec<_>>()
    };
    let ended = calls("TOOL_RESULT");
    let open = calls("TOOL_CALLED").into_iter().filter(|call| !ended.contains(call));
    open.map(|call| format!("the call {call} has come to nothing")).collect()
}

/// What was recorded before is neither forgotten nor decided anew.
fn unheard(case: &Case<'_>) -> Vec<String> {
    let (before, after) = (&case.before.audit, &case.after.audit);
    let mut found = Vec::new();
    if !after.starts_with(before) {
        found.push("the audit of tools has lost or changed a row".to_owned());
    }
    let mut calls: Vec<_> = after.iter().collect();
    calls.sort();
    calls.dedup();
    if calls.len() < after.len() {
        found.push("a call stands twice in the audit of tools".to_owned());
    }
    found
}
