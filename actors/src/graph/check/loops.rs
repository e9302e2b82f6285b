//! Loops: one of which every edge is always followed never ends by itself, even where another branch does; and one over
//! `on_error` ends when what fails does not any more, which may be never. Either needs a condition, or a run that has
//! `limits.steps`.

use crate::graph::language::always;
use crate::graph::reading::{Findings, Pointer, Spot};
use crate::graph::{Definition, Edge};
use std::collections::BTreeSet;

pub(super) fn check(definition: &Definition, findings: &mut Findings) {
    if definition.limits.steps.is_some() {
        return;
    }
    let mut told = BTreeSet::new();
    for name in definition.nodes.keys() {
        let Some(path) = back_to(definition, name) else { continue };
        if path.iter().any(|name| told.contains(name)) {
            continue;
        }
        let shown: Vec<_> = path.iter().chain([&path[0]]).map(|name| format!("`{name}`")).collect();
        told.extend(path);
        let message = format!("the loop {} never ends by itself", shown.join(" → "));
        let hint = "give one of its edges a `when`, or the definition `limits: {steps: …}`";
        findings.add(&Spot::Key(Pointer::root().path(&["nodes", name])), message, hint);
    }
}

/// The shortest way from a node back to itself along edges that are always followed.
fn back_to<'a>(definition: &'a Definition, start: &'a str) -> Option<Vec<&'a str>> {
    let mut paths = vec![vec![start]];
    let mut seen = BTreeSet::new();
    while let Some(path) = (!paths.is_empty()).then(|| paths.remove(0)) {
        for next in followers(definition, path.last()?) {
            if next == start {
                return Some(path);
            }
            if seen.insert(next) {
                paths.push([path.as_slice(), &[next]].concat());
            }
        }
    }
    None
}

fn followers<'a>(definition: &'a Definition, name: &str) -> impl Iterator<Item = &'a str> {
    let edges = definition.edges.iter().filter(|edge| is_always_followed(edge));
    let from = edges.filter(move |edge| edge.from.names().iter().any(|from| from == name));
    let handler = definition.nodes.get(name).and_then(|node| node.on_error.as_ref());
    from.flat_map(|edge| edge.to.names()).chain(handler).map(String::as_str)
}

fn is_always_followed(edge: &Edge) -> bool {
    edge.when.as_ref().map_or(!edge.otherwise, |when| always(when))
}
