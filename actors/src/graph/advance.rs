//! [`step`]: from the finished nodes of a frontier to the next one.

use super::definition::Definition;
use super::edges::follow;
use super::fill::node;
use super::filling::Filling;
use super::language::View;
use super::node::Node;
use super::reduce::reduce;
use super::reducer::kind;
use super::scope::{Scope, Trouble};
use super::step::{Finished, Frontier, Step, Write};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Ends a step: all nodes of the frontier have finished. What they write is merged in the order of their names, and the
/// edges are followed on the state that comes of it; in which order they finished changes nothing.
///
/// The scope is the one that the step began with.
pub fn step(
    definition: &Definition,
    scope: &Scope,
    frontier: &Frontier,
    finished: &BTreeMap<String, Finished>,
) -> Result<Step, Trouble> {
    let writes = writes(definition, scope, frontier, finished)?;
    advance(definition, scope, scope.state.clone(), writes, (frontier, finished))
}

/// The same from what is written on. The state is that of the scope: whoever does not need it any more gives it away
/// here, and it is not copied.
pub fn advance(
    definition: &Definition,
    scope: &Scope,
    mut state: Map<String, Value>,
    writes: Vec<Write>,
    (frontier, finished): (&Frontier, &BTreeMap<String, Finished>),
) -> Result<Step, Trouble> {
    reduce(definition, &mut state, &writes)?;
    let after = Scope { state: &state, item: None, ..*scope };
    let next = follow(definition, &after, frontier, finished)?;
    Ok(Step { writes, state, next })
}

/// What the finished nodes of a frontier write, on the state that the step began with.
pub fn writes(
    definition: &Definition,
    scope: &Scope,
    frontier: &Frontier,
    finished: &BTreeMap<String, Finished>,
) -> Result<Vec<Write>, Trouble> {
    let mut writes = Vec::new();
    for (name, entry) in &frontier.entries {
        let finished = finished.get(name).ok_or_else(|| at(name, "it has not finished"))?;
        let scope = Scope { item: None, error: entry.error.as_ref(), ..*scope };
        let node = node(definition, name)?;
        Writing { name, node, scope }.collect(finished, &mut writes)?;
    }
    Ok(writes)
}

fn at(name: &str, what: impl Into<String>) -> Trouble {
    Trouble { place: format!("nodes.{name}"), what: what.into() }
}

/// What one node writes.
pub(super) struct Writing<'a> {
    pub(super) name: &'a str,
    pub(super) node: &'a Node,
    pub(super) scope: Scope<'a>,
}

impl Writing<'_> {
    pub(super) fn collect(
        &self,
        finished: &Finished,
        writes: &mut Vec<Write>,
    ) -> Result<(), Trouble> {
        match finished {
            Finished::Output(output) => self.write(None, output, writes),
            Finished::Outputs(outputs) => {
                let mut outputs = outputs.iter().enumerate();
                outputs.try_for_each(|(index, (item, output))| {
                    self.write(Some((index, item)), output, writes)
                })
            }
            Finished::Failed(_) if self.node.on_error.is_some() => Ok(()),
            Finished::Failed(failed) => {
                let error = failed.first().map(|failed| failed.error.to_string());
                let error = error.unwrap_or_default();
                Err(at(self.name, format!("it failed, and has no on_error: {error}")))
            }
        }
    }

    fn write(
        &self,
        item: Option<(usize, &Value)>,
        output: &Value,
        writes: &mut Vec<Write>,
    ) -> Result<(), Trouble> {
        if self.node.set.is_some() {
            let Value::Object(members) = output else {
                let what = format!("a set gives an object, and not {}", kind(output));
                return Err(at(self.name, what));
            };
            let members = members.iter();
            writes.extend(members.map(|(name, value)| write(name, value.clone())));
        }
        let scope = Scope { item: item.or(self.scope.item), ..self.scope };
        let view = View { output: Some(output), ..View::of(&scope) };
        let place = format!("nodes.{}.write", self.name);
        let filling = Filling { place: &place, view };
        for (channel, value) in &self.node.write {
            writes.push(write(channel, filling.value(channel, value)?));
        }
        Ok(())
    }
}

fn write(channel: &str, value: Value) -> Write {
    Write { channel: channel.to_owned(), value }
}
