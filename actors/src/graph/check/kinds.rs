//! Nodes: exactly one kind each, waits for exactly one thing, durations that are some.

use crate::graph::reading::{Findings, Pointer, Spot};
use crate::graph::{Definition, Kind, Node, RetryNode, WaitNode, duration};
use crate::vocabulary::{Pattern, nearest};

const KINDS: &str = "agent, tool, subgraph, interrupt, wait or set";

pub(super) fn check(definition: &Definition, findings: &mut Findings) {
    for (name, node) in &definition.nodes {
        let place = Pointer::root().path(&["nodes", name]);
        one_kind(name, node, &place, findings);
        durations(node, &place, findings);
        retried(node, &place, findings);
        if let Some(wait) = &node.wait {
            one_wait(wait, &place.key("wait"), findings);
        }
    }
}

fn one_kind(name: &str, node: &Node, place: &Pointer, findings: &mut Findings) {
    let kinds: Vec<_> = node.kinds().map(word).collect();
    let spot = Spot::Key(place.clone());
    match kinds.as_slice() {
        [_] => {}
        [] if findings.is_spoiled(place) => {}
        [] => {
            let hint = format!("give it one of {KINDS}");
            findings.add(&spot, format!("the node `{name}` has no kind"), hint);
        }
        many => {
            let message = format!("the node `{name}` has several kinds: {}", many.join(", "));
            findings.add(&spot, message, "make a node of each");
        }
    }
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Agent(_) => "agent",
        Kind::Tool(_) => "tool",
        Kind::Subgraph(_) => "subgraph",
        Kind::Interrupt(_) => "interrupt",
        Kind::Wait(_) => "wait",
        Kind::Set(_) => "set",
    }
}

fn durations(node: &Node, place: &Pointer, findings: &mut Findings) {
    let retry = node.retry.as_ref();
    let texts = [
        (place.key("timeout"), node.timeout.as_ref()),
        (place.path(&["retry", "backoff"]), retry.and_then(|retry| retry.backoff.as_ref())),
        (place.path(&["retry", "max"]), retry.and_then(|retry| retry.max.as_ref())),
        (place.path(&["wait", "for"]), node.wait.as_ref().and_then(|wait| wait.duration.as_ref())),
    ];
    for (pointer, text) in texts {
        if let Some(Err(message)) = text.map(|text| duration(text)) {
            findings.add(&Spot::Value(pointer), message, "");
        }
    }
}

fn retried(node: &Node, place: &Pointer, findings: &mut Findings) {
    let named = node.retry.iter().flat_map(|retry| retry.on.iter().enumerate());
    for (at, name) in named.filter(|(_, name)| !RetryNode::KINDS.contains(&name.as_str())) {
        let hint = match nearest(name, RetryNode::KINDS) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known: {}", RetryNode::KINDS.join(", ")),
        };
        let spot = Spot::Value(place.path(&["retry", "on"]).index(at));
        findings.add(&spot, format!("no failure is of the kind `{name}`"), hint);
    }
}

fn one_wait(wait: &WaitNode, place: &Pointer, findings: &mut Findings) {
    let given = [wait.duration.is_some(), wait.until.is_some(), wait.topic.is_some()];
    if given.iter().filter(|given| **given).count() != 1 {
        let message = "a wait has exactly one of `for`, `until` and `topic`";
        findings.add(&Spot::Key(place.clone()), message, "");
    }
    if wait.when.is_some() && wait.topic.is_none() {
        let hint = "give it a `topic`";
        findings.add(&Spot::Key(place.key("when")), "there is no message to look at", hint);
    }
    let fixed = wait.topic.as_ref().filter(|topic| !topic.contains('{'));
    if let Some(Err(error)) = fixed.map(|topic| topic.parse::<Pattern>()) {
        let hint = "write it like orders.*.paid or orders.>";
        findings.add(&Spot::Value(place.key("topic")), error.to_string(), hint);
    }
}
