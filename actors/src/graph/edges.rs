//! Which nodes follow. Edges of the same sources are a *group*: they fire together, when the source has finished, or, in
//! a join, all of them have.

use super::definition::{Definition, Edge};
use super::fill::node;
use super::language::{View, holds};
use super::scope::{Scope, Trouble};
use super::step::{Entry, Failed, Finished, Frontier};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The next frontier, on the state after the writes.
pub(super) fn follow(
    definition: &Definition,
    after: &Scope,
    frontier: &Frontier,
    finished: &BTreeMap<String, Finished>,
) -> Result<Frontier, Trouble> {
    let mut next = Frontier { joins: frontier.joins.clone(), ..Frontier::default() };
    let mut done = BTreeSet::new();
    for name in frontier.entries.keys() {
        match finished.get(name) {
            Some(Finished::Failed(failed)) => fail(definition, name, failed, &mut next)?,
            _ => drop(done.insert(name.as_str())),
        }
    }
    let groups = groups(definition);
    for group in &groups {
        if group.has_come(&done, &mut next) {
            let scope = Scope { error: group.error(frontier), ..*after };
            let is_excused = group.is_excused(&groups);
            for target in group.targets(&View::of(&scope), is_excused)? {
                next.entries.entry(target.to_owned()).or_default();
            }
        }
    }
    Ok(next)
}

/// A failed node's only follower is its handler, which hears of all that failed in the step.
pub(super) fn fail(
    definition: &Definition,
    name: &str,
    failed: &[Failed],
    next: &mut Frontier,
) -> Result<(), Trouble> {
    if let Some(handler) = node(definition, name)?.on_error.as_deref()
        && handler != Definition::END
    {
        add_failures(next.entries.entry(handler.to_owned()).or_default(), name, failed);
    }
    Ok(())
}

/// Behind a node that failed: the first that did is told apart.
fn add_failures(entry: &mut Entry, name: &str, failed: &[Failed]) {
    for Failed { index, error } in failed {
        let first = || json!({ "node": name, "error": error, "failures": [] });
        let known = entry.error.get_or_insert_with(first);
        let mut failure = json!({ "node": name, "error": error });
        if let Some(index) = index {
            failure["index"] = json!(index);
        }
        if let Some(failures) = known["failures"].as_array_mut() {
            failures.push(failure);
        }
    }
}

/// The edges of the same sources, with their places in the definition, the first of which names the group.
struct Group<'a> {
    sources: BTreeSet<&'a str>,
    edges: Vec<(usize, &'a Edge)>,
}

fn groups(definition: &Definition) -> Vec<Group<'_>> {
    let mut groups: Vec<Group> = Vec::new();
    for (place, edge) in definition.edges.iter().enumerate() {
        let sources = edge.from.names().iter().map(String::as_str).collect();
        match groups.iter_mut().find(|group| group.sources == sources) {
            Some(group) => group.edges.push((place, edge)),
            None => groups.push(Group { sources, edges: vec![(place, edge)] }),
        }
    }
    groups
}

impl<'a> Group<'a> {
    fn is_join(&self) -> bool {
        self.sources.len() > 1
    }

    /// Whether it fires. A join notes who has come; it is forgotten when it fires.
    fn has_come(&self, done: &BTreeSet<&str>, next: &mut Frontier) -> bool {
        let come: Vec<_> = self.sources.iter().filter(|source| done.contains(**source)).collect();
        if come.is_empty() || !self.is_join() {
            return !come.is_empty();
        }
        let name = self.edges[0].0;
        let noted = next.joins.entry(name).or_default();
        noted.extend(come.into_iter().map(ToString::to_string));
        let is_complete = noted.len() == self.sources.len();
        if is_complete {
            next.joins.remove(&name);
        }
        is_complete
    }

    /// The error that brought one of its sources into the frontier.
    fn error<'f>(&self, frontier: &'f Frontier) -> Option<&'f Value> {
        let mut entries = self.sources.iter().filter_map(|source| frontier.entries.get(*source));
        entries.find_map(|entry| entry.error.as_ref())
    }

    /// A node that goes on in a join, too, need not go on here.
    fn is_excused(&self, groups: &[Group]) -> bool {
        let joins = |group: &Group| group.is_join() && group.sources.is_superset(&self.sources);
        !self.is_join() && groups.iter().any(joins)
    }

    fn targets(&self, view: &View, is_excused: bool) -> Result<Vec<&'a str>, Trouble> {
        let (mut followed, mut is_one_true) = (Vec::new(), false);
        for (place, edge) in &self.edges {
            let holds = match &edge.when {
                None => !edge.otherwise,
                Some(when) => holds(when, view)
                    .map_err(|what| Trouble { place: format!("edges.{place}.when"), what })?,
            };
            is_one_true |= holds && edge.when.is_some();
            followed.extend(holds.then_some(*edge));
        }
        if !is_one_true {
            followed.extend(self.edges.iter().map(|(_, edge)| *edge).filter(|edge| edge.otherwise));
        }
        if followed.is_empty() && !is_excused {
            return Err(self.dead_end());
        }
        let targets = followed.into_iter().flat_map(|edge| edge.to.names());
        Ok(targets.map(String::as_str).filter(|name| *name != Definition::END).collect())
    }

    fn dead_end(&self) -> Trouble {
        let sources: Vec<_> = self.sources.iter().map(|name| format!("`{name}`")).collect();
        Trouble {
            place: format!("edges.{}", self.edges[0].0),
            what: format!(
                "none of the edges from {} has a `when` that holds: add one with `otherwise: true`",
                sources.join(", ")
            ),
        }
    }
}
