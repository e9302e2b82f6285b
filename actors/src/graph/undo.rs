//! [`undo`]: what a node that undoes another comes to. It stands outside the graph's ways: its edges are not followed.

use super::advance::Writing;
use super::bundle::Bundle;
use super::definition::Definition;
use super::edges::fail;
use super::fill::node;
use super::node::Kind;
use super::reduce::reduce;
use super::scope::{Scope, Trouble};
use super::step::{Finished, Frontier, Step};

/// Ends a step in which a node undid another: what it writes is written; what follows is its `on_error`, if it failed,
/// and nothing else.
///
/// The scope is the one that the node had.
pub fn undo(
    definition: &Definition,
    scope: &Scope,
    name: &str,
    finished: &Finished,
) -> Result<Step, Trouble> {
    let mut writes = Vec::new();
    Writing { name, node: node(definition, name)?, scope: *scope }
        .collect(finished, &mut writes)?;
    let mut state = scope.state.clone();
    reduce(definition, &mut state, &writes)?;
    let mut next = Frontier::default();
    if let Finished::Failed(failed) = finished {
        fail(definition, name, failed, &mut next)?;
    }
    Ok(Step { writes, state, next })
}

impl Bundle {
    /// Whether anything that a definition does, however deep, can be undone.
    pub fn undoes(&self, name: &str) -> bool {
        self.undoes_within(name, self.definitions.len())
    }

    /// Definitions do not run themselves, so this goes no deeper than there are definitions.
    fn undoes_within(&self, name: &str, depth: usize) -> bool {
        let nodes = self.definition(name).into_iter().flat_map(|found| found.nodes.values());
        let mut nodes = nodes.filter(|_| depth > 0);
        nodes.any(|node| {
            let below = node.kinds().any(|kind| match kind {
                Kind::Subgraph(inner) => self.undoes_within(&inner.workflow, depth - 1),
                _ => false,
            });
            node.undo.is_some() || below
        })
    }
}
