//! What is written: to channels that there are, and of types that they take, as far as the schemas tell.

use super::shapes::{Shapes, output};
use super::types::taken;
use crate::graph::reading::{Findings, Pointer, Spot};
use crate::graph::{Definition, Node};
use crate::vocabulary::nearest;
use serde_json::{Map, Value};

pub(super) fn check(definition: &Definition, findings: &mut Findings) {
    let shapes = Shapes::of(definition);
    inputs(definition, &shapes, findings);
    for (name, node) in &definition.nodes {
        let place = Pointer::root().path(&["nodes", name]);
        let shapes = shapes.for_node(definition, name, node);
        let mut writing = Writing { definition, shapes: &shapes, findings };
        if let Some(members) = &node.set {
            writing.all(members, &place.key("set"));
        }
        let shapes = shapes.with("output", output(node));
        of_output(definition, node, &shapes, &place, findings);
    }
}

/// What a node writes of its output.
pub(super) fn of_output(
    definition: &Definition,
    node: &Node,
    shapes: &Shapes,
    place: &Pointer,
    findings: &mut Findings,
) {
    Writing { definition, shapes, findings }.all(&node.write, &place.key("write"));
}

/// An input's property named like a channel is written to it.
fn inputs(definition: &Definition, shapes: &Shapes, findings: &mut Findings) {
    let Some(Value::Object(properties)) = definition.input.get("properties") else { return };
    for name in properties.keys().filter(|name| definition.state.contains_key(*name)) {
        let place = Pointer::root().path(&["input", "properties", name]);
        let value = Value::from(format!("input.{name}"));
        Writing { definition, shapes, findings: &mut *findings }.one(name, &value, &place);
    }
}

struct Writing<'a, 'f> {
    definition: &'a Definition,
    shapes: &'a Shapes,
    findings: &'a mut Findings<'f>,
}

impl Writing<'_, '_> {
    fn all(&mut self, members: &Map<String, Value>, place: &Pointer) {
        for (channel, value) in members {
            self.one(channel, value, &place.key(channel));
        }
    }

    fn one(&mut self, name: &str, value: &Value, place: &Pointer) {
        let Some(channel) = self.definition.state.get(name) else {
            return self.unknown(name, place);
        };
        let (given, taken) = (self.shapes.types(value), taken(channel));
        if !given.meets(taken) {
            let (given, taken) = (given.words(), taken.words());
            let message = format!("the channel `{name}` takes {taken}, and is given {given}");
            self.findings.add(&Spot::Value(place.clone()), message, "");
        }
    }

    fn unknown(&mut self, name: &str, place: &Pointer) {
        let known = self.definition.state.keys().map(String::as_str);
        let hint = match nearest(name, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "declare it under `state`".to_owned(),
        };
        self.findings.add(&Spot::Key(place.clone()), format!("there is no channel `{name}`"), hint);
    }
}
