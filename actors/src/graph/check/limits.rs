//! Limits: numbers that let something through, and only where they mean something.

use crate::graph::reading::{Findings, Pointer, Spot};
use crate::graph::{Definition, Kind, Limits, Node};

pub(super) fn check(definition: &Definition, findings: &mut Findings) {
    let root = Pointer::root();
    numbers(&definition.limits, &root.key("limits"), findings);
    for (name, node) in &definition.nodes {
        let place = root.path(&["nodes", name, "limits"]);
        let Some(limits) = &node.limits else { continue };
        numbers(limits, &place, findings);
        of_node(node, limits, &place, findings);
    }
}

fn numbers(limits: &Limits, place: &Pointer, findings: &mut Findings) {
    for name in limits.zeros() {
        let message = format!("`{name}` is not more than zero");
        findings.add(&Spot::Value(place.key(name)), message, "at least 1, or leave it out");
    }
}

/// Only who works can be limited in it.
fn of_node(node: &Node, limits: &Limits, place: &Pointer, findings: &mut Findings) {
    if limits.steps.is_some() {
        let hint = "give them to the definition that it runs";
        findings.add(&Spot::Key(place.key("steps")), "a node has no steps", hint);
    }
    let works = |kind| matches!(kind, Kind::Agent(_) | Kind::Subgraph(_) | Kind::Tool(_));
    if node.kinds().next().is_some_and(|kind| !works(kind)) {
        let message = "only an agent, a subgraph or a tool can have limits";
        findings.add(&Spot::Key(place.clone()), message, "a `timeout` holds for any node");
    }
}
