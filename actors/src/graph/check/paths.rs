//! Ways: whether each node can be reached, each join can fire, and the end can be reached from everywhere.

use crate::graph::Definition;
use crate::graph::reading::{Findings, Pointer, Spot};
use std::collections::BTreeSet;

type Names<'a> = BTreeSet<&'a str>;

pub(super) fn check(definition: &Definition, findings: &mut Findings) {
    let reached = reached(definition);
    for name in definition.nodes.keys().filter(|name| !reached.contains(name.as_str())) {
        let message = format!("nothing leads to the node `{name}`");
        let hint = "add an edge to it, or name it in `start`, `on_error` or `undo`";
        findings.add(&Spot::Key(Pointer::root().path(&["nodes", name])), message, hint);
    }
    joins(definition, &reached, findings);
    let ending = ending(definition);
    let stuck: Vec<&str> = reached.difference(&ending).copied().collect();
    if let Some(first) = stuck.first() {
        let names: Vec<_> = stuck.iter().map(|name| format!("`{name}`")).collect();
        let message = format!("there is no way to the end from {}", names.join(", "));
        let hint = "add an edge with a `when` that leads out, such as `to: end`";
        findings.add(&Spot::Key(Pointer::root().path(&["nodes", first])), message, hint);
    }
}

/// The nodes that can be reached. A join leads on when all of its sources can be.
fn reached(definition: &Definition) -> Names<'_> {
    let mut reached: Names = definition.start.names().iter().map(String::as_str).collect();
    grow(&mut reached, |reached| {
        let edges = definition.edges.iter();
        let open = edges
            .filter(|edge| edge.from.names().iter().all(|name| reached.contains(name.as_str())));
        let followers = open.flat_map(|edge| edge.to.names());
        let nodes = definition.nodes.iter().filter(|(name, _)| reached.contains(name.as_str()));
        let helpers = nodes.flat_map(|(_, node)| node.on_error.iter().chain(&node.undo));
        let names = followers.chain(helpers).map(String::as_str);
        names.filter(|name| *name != Definition::END).collect()
    });
    reached
}

fn joins(definition: &Definition, reached: &Names, findings: &mut Findings) {
    for (place, edge) in definition.edges.iter().enumerate() {
        let (come, missing): (Vec<_>, Vec<_>) =
            edge.from.names().iter().partition(|name| reached.contains(name.as_str()));
        if let (Some(missing), false) = (missing.first(), come.is_empty()) {
            let spot = Spot::Key(Pointer::root().key("edges").index(place).key("from"));
            let message = format!("this join never fires: nothing leads to `{missing}`");
            findings.add(&spot, message, "");
        }
    }
}

/// The nodes from which the end can be reached: those without edges, and what leads to them.
fn ending(definition: &Definition) -> Names<'_> {
    let has_edge = |name: &str| {
        definition.edges.iter().any(|edge| edge.from.names().iter().any(|from| from == name))
    };
    let names = definition.nodes.keys().map(String::as_str);
    let mut ending: Names = names.filter(|name| !has_edge(name)).collect();
    ending.insert(Definition::END);
    grow(&mut ending, |ending| {
        let leads = |names: &[String]| names.iter().any(|name| ending.contains(name.as_str()));
        let edges = definition.edges.iter().filter(|edge| leads(edge.to.names()));
        let caught = definition.nodes.iter().filter(|(_, node)| {
            node.on_error.as_deref().is_some_and(|handler| ending.contains(handler))
        });
        let caught = caught.map(|(name, _)| name.as_str());
        edges.flat_map(|edge| edge.from.names()).map(String::as_str).chain(caught).collect()
    });
    ending
}

/// Adds what follows from what is there, until nothing does any more.
fn grow<'a>(names: &mut Names<'a>, more: impl Fn(&Names<'a>) -> Names<'a>) {
    loop {
        let before = names.len();
        names.extend(more(names));
        if names.len() == before {
            return;
        }
    }
}
