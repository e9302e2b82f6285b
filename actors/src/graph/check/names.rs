//! Names and numbers: what may be called how, and what may not be zero.

use crate::graph::reading::{Findings, Pointer, Spot};
use crate::graph::{Definition, Kind};
use crate::vocabulary::Name;

pub(super) fn check(definition: &Definition, findings: &mut Findings) {
    let root = Pointer::root();
    if let Err(error) = definition.name.parse::<Name>() {
        findings.add(&Spot::Value(root.key("name")), error.to_string(), "");
    }
    if definition.nodes.is_empty() && findings.was_written(&root.key("nodes")) {
        findings.add(&Spot::Key(root.key("nodes")), "there are no nodes", "add one");
    }
    definition.nodes.keys().for_each(|name| node(name, findings));
    definition.state.keys().for_each(|name| channel(name, findings));
    numbers(definition, findings);
}

fn node(name: &str, findings: &mut Findings) {
    let spot = Spot::Key(Pointer::root().path(&["nodes", name]));
    if name == Definition::END {
        findings.add(&spot, "no node can be called `end`", "`to: end` ends a branch");
    } else if name == "start" {
        let hint = "choose another name: in the graph, that is where a run begins";
        findings.add(&spot, "no node can be called `start`", hint);
    } else if let Err(error) = name.parse::<Name>() {
        findings.add(&spot, error.to_string(), "");
    }
}

fn channel(name: &str, findings: &mut Findings) {
    let is_first = |c: char| c.is_ascii_alphabetic() || c == '_';
    let is_fine = name.starts_with(is_first)
        && name.len() <= 128
        && name.chars().all(|c| is_first(c) || c.is_ascii_digit());
    if !is_fine {
        let message = format!("no channel can be called `{name}`");
        let hint = "use letters, digits and _, so that expressions can read it as `state.NAME`";
        findings.add(&Spot::Key(Pointer::root().path(&["state", name])), message, hint);
    }
}

fn numbers(definition: &Definition, findings: &mut Findings) {
    let root = Pointer::root();
    let mut zero = |pointer: Pointer, is_zero: bool| {
        if is_zero {
            let message = format!("`{}` is not more than zero", pointer.last());
            findings.add(&Spot::Value(pointer), message, "at least 1, or leave it out");
        }
    };
    zero(root.key("concurrency"), definition.concurrency == 0);
    for (name, node) in &definition.nodes {
        let place = root.path(&["nodes", name]);
        zero(place.key("concurrency"), node.concurrency == Some(0));
        let attempts = node.retry.as_ref().map(|retry| retry.attempts);
        zero(place.path(&["retry", "attempts"]), attempts == Some(0));
        for kind in node.kinds() {
            if let Kind::Agent(agent) = kind {
                zero(place.path(&["agent", "max_turns"]), agent.max_turns == Some(0));
            }
        }
    }
}
