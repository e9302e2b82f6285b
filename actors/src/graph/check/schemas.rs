//! JSON Schemas: whether they are some, and whether what a channel holds at first fits.

use super::types::{Types, held};
use crate::graph::reading::{Findings, Pointer, Spot};
use crate::graph::schema::{check_value, faults};
use crate::graph::{Channel, Definition};
use serde_json::Value;

pub(super) fn check(definition: &Definition, findings: &mut Findings) {
    let root = Pointer::root();
    input(definition, &root.key("input"), findings);
    for (name, channel) in &definition.state {
        let place = root.path(&["state", name]);
        let is_schema =
            channel.schema.as_ref().is_none_or(|it| schema(it, &place.key("schema"), findings));
        if is_schema {
            holds(name, channel, &place.key("schema"), findings);
            default(name, channel, &place.key("default"), findings);
        }
    }
    for (name, node) in &definition.nodes {
        let place = root.path(&["nodes", name]);
        if let Some(output) = node.agent.as_ref().and_then(|agent| agent.output.as_ref()) {
            schema(output, &place.path(&["agent", "output"]), findings);
        }
        if let Some(answer) = node.interrupt.as_ref().and_then(|node| node.answer.as_ref()) {
            schema(answer, &place.path(&["interrupt", "answer"]), findings);
        }
    }
}

fn input(definition: &Definition, place: &Pointer, findings: &mut Findings) {
    let input = Value::Object(definition.input.clone());
    if schema(&input, place, findings) && input.get("type").is_some_and(|kind| kind != "object") {
        let message = "an input is always an object";
        findings.add(&Spot::Value(place.key("type")), message, "write `type: object`");
    }
}

fn schema(schema: &Value, place: &Pointer, findings: &mut Findings) -> bool {
    let faults = faults(schema);
    for (at, what) in &faults {
        let message = format!("bad JSON Schema: {what}");
        findings.add(&Spot::Value(place.join(at)), message, "");
    }
    faults.is_empty()
}

/// A reducer decides what a channel can hold at all.
fn holds(name: &str, channel: &Channel, place: &Pointer, findings: &mut Findings) {
    let Some(schema) = &channel.schema else { return };
    let wanted = Types::of_schema(schema);
    let held = Types::of_schema(&held(&Channel { schema: None, ..channel.clone() }));
    if !wanted.meets(held) {
        let (held, wanted) = (held.words(), wanted.words());
        let message =
            format!("the reducer of `{name}` makes {held}, and its schema wants {wanted}");
        findings.add(&Spot::Value(place.clone()), message, "");
    }
}

fn default(name: &str, channel: &Channel, place: &Pointer, findings: &mut Findings) {
    let Some(default) = &channel.default else { return };
    let mut held = default.clone();
    let neutral = channel.reducer.neutral(&held);
    let fits = channel.reducer.write(&mut held, &neutral);
    let fits = fits.and_then(|()| match &channel.schema {
        Some(schema) => check_value(schema, default),
        None => Ok(()),
    });
    if let Err(what) = fits {
        let message = format!("the channel `{name}` cannot begin so: {what}");
        findings.add(&Spot::Value(place.clone()), message, "");
    }
}
