//! The way through a tree, depth first, by a cursor: its depth costs heap, never stack.

use tree_sitter::{Node, TreeCursor};

use super::Source;
use crate::Fault;
use crate::limits::Watch;

/// Where a walk is.
pub(crate) struct At<'a, 't> {
    pub(crate) cursor: &'a TreeCursor<'t>,
    pub(crate) node: Node<'t>,
    /// The root's is 0.
    pub(crate) depth: usize,
    /// The kinds of the nodes above, the root's first.
    pub(crate) above: &'a [u16],
}

/// Who is told of every node, tokens included.
pub(crate) trait Visit<'t> {
    /// A node begins. Answers whether what is inside is to be visited.
    fn enter(&mut self, at: &At<'_, 't>) -> bool;

    /// The node of this depth ends; told only of nodes whose inside was visited.
    fn leave(&mut self, depth: usize);
}

/// Visits every node.
pub(crate) fn walk<'t>(
    source: &'t Source<'_>,
    watch: &mut Watch,
    visitor: &mut impl Visit<'t>,
) -> Result<(), Fault> {
    let mut cursor = source.tree.walk();
    let mut above: Vec<u16> = Vec::new();
    loop {
        watch.tick()?;
        let node = cursor.node();
        let at = At { cursor: &cursor, node, depth: above.len(), above: &above };
        let goes_in = visitor.enter(&at);
        if goes_in && cursor.goto_first_child() {
            above.push(node.kind_id());
            continue;
        }
        if goes_in {
            visitor.leave(above.len());
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return Ok(());
            }
            above.pop();
            visitor.leave(above.len());
        }
    }
}
