//! Names of nodes, wherever one names another.

use crate::graph::reading::{Findings, Pointer, Spot};
use crate::graph::{Definition, Edge, OneOrMany};
use crate::vocabulary::nearest;

/// Whether all names are those of nodes: else it makes no sense to follow the edges.
pub(super) fn check(definition: &Definition, findings: &mut Findings) -> bool {
    let before = findings.count();
    let root = Pointer::root();
    let mut references = References { definition, findings };
    references.all(&definition.start, &root.key("start"), false);
    for (place, edge) in definition.edges.iter().enumerate() {
        references.edge(edge, &root.key("edges").index(place));
    }
    for (name, node) in &definition.nodes {
        let place = root.path(&["nodes", name]);
        if let Some(handler) = &node.on_error {
            references.one(handler, &place.key("on_error"), true);
        }
        if let Some(undo) = &node.undo {
            references.one(undo, &place.key("undo"), false);
        }
    }
    otherwise(definition, findings);
    findings.count() == before
}

struct References<'a, 'f> {
    definition: &'a Definition,
    findings: &'a mut Findings<'f>,
}

impl References<'_, '_> {
    fn edge(&mut self, edge: &Edge, place: &Pointer) {
        self.all(&edge.from, &place.key("from"), false);
        self.all(&edge.to, &place.key("to"), true);
        if edge.when.is_some() && edge.otherwise {
            let message = "an edge has `when` or `otherwise`, and not both";
            self.findings.add(&Spot::Key(place.key("otherwise")), message, "make two edges of it");
        }
    }

    fn all(&mut self, names: &OneOrMany, place: &Pointer, may_end: bool) {
        match names {
            OneOrMany::One(name) => self.one(name, place, may_end),
            OneOrMany::Many(names) => {
                for (index, name) in names.iter().enumerate() {
                    self.one(name, &place.index(index), may_end);
                }
                if names.is_empty() && self.findings.was_written(place) {
                    let message = format!("`{}` names no node", place.last());
                    self.findings.add(&Spot::Key(place.clone()), message, "name one");
                }
            }
        }
    }

    fn one(&mut self, name: &str, place: &Pointer, may_end: bool) {
        let field = place.field();
        let spot = Spot::Value(place.clone());
        if name == Definition::END {
            if !may_end {
                let message = format!("`end` is no node for `{field}`");
                self.findings.add(&spot, message, "only `to` and `on_error` can name the end");
            }
            return;
        }
        if self.definition.nodes.contains_key(name) {
            return;
        }
        let known: Vec<&str> = self.definition.nodes.keys().map(String::as_str).collect();
        let ends = may_end.then_some(Definition::END);
        let hint = match nearest(name, known.iter().copied().chain(ends)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("nodes are {}", known.join(", ")),
        };
        self.findings.add(&spot, format!("unknown node `{name}` in `{field}`"), hint);
    }
}

fn otherwise(definition: &Definition, findings: &mut Findings) {
    let sources = |edge: &Edge| {
        let mut names = edge.from.names().to_vec();
        names.sort();
        names.dedup();
        names
    };
    for (place, edge) in definition.edges.iter().enumerate() {
        let conditional = definition.edges.iter().filter(|other| other.when.is_some());
        let mut siblings = conditional.filter(|other| sources(other) == sources(edge));
        if edge.otherwise && edge.when.is_none() && siblings.next().is_none() {
            let spot = Spot::Key(Pointer::root().key("edges").index(place).key("otherwise"));
            let message = "`otherwise` without an edge with `when` from the same source";
            findings.add(&spot, message, "leave it out: the edge is always followed");
        }
    }
}
