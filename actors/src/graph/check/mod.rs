//! What has to be true of a definition before it is run, each of it looked at though other things are wrong, so that
//! whoever writes one is told of everything at once.

mod kinds;
mod limits;
mod loops;
mod names;
mod paths;
mod reads;
mod references;
mod schemas;
pub(super) mod shapes;
mod texts;
pub(super) mod types;
mod writes;

use super::definition::Definition;
use super::node::Node;
use super::reading::{Findings, Pointer};
use shapes::Shapes;

/// Notes what is wrong with what a node writes, by these shapes, which have its `output`.
pub(super) fn check_writes(
    definition: &Definition,
    node: &Node,
    shapes: &Shapes,
    place: &Pointer,
    findings: &mut Findings,
) {
    texts::writes(node, shapes, place, findings);
    writes::of_output(definition, node, shapes, place, findings);
}

/// Notes all that is wrong with a definition, as far as it is known without others.
pub(super) fn check(definition: &Definition, findings: &mut Findings) {
    names::check(definition, findings);
    kinds::check(definition, findings);
    limits::check(definition, findings);
    schemas::check(definition, findings);
    texts::check(definition, findings);
    writes::check(definition, findings);
    // Where edges were left out, what they lead to seems to be unreachable.
    if references::check(definition, findings) && !findings.is_spoiled(&Pointer::root()) {
        paths::check(definition, findings);
        loops::check(definition, findings);
    }
}
