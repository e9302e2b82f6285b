//! Expressions and templates: every one of a definition, with the names that it may read.

use super::reads::{Form, Reading};
use super::shapes::{Shapes, message, output};
use crate::graph::filling::as_template;
use crate::graph::reading::{Findings, Pointer};
use crate::graph::{AgentNode, Definition, Kind, Node};
use serde_json::{Map, Value};

pub(super) fn check(definition: &Definition, findings: &mut Findings) {
    let shapes = Shapes::of(definition);
    let root = Pointer::root();
    let mut reading = Reading { shapes: &shapes, findings };
    values(&mut reading, &definition.output, &root.key("output"));
    let input = shapes.only_input();
    let mut before = Reading { shapes: &input, findings };
    before.maybe(definition.workspace.as_ref(), &root.key("workspace"), Form::Template);
    for (name, node) in &definition.nodes {
        let shapes = shapes.for_node(definition, name, node);
        check_node(node, &shapes, &root.path(&["nodes", name]), findings);
        // The list itself is read before there are items.
        if let Some(list) = &node.for_each {
            let before = Shapes::of(definition).around(definition, name);
            let place = root.path(&["nodes", name, "for_each"]);
            Reading { shapes: &before, findings }.list(list, &place);
        }
    }
    for (at, edge) in definition.edges.iter().enumerate() {
        let Some(when) = &edge.when else { continue };
        let sources = edge.from.names().iter();
        let shapes =
            sources.fold(shapes.clone(), |shapes, name| shapes.with_error(definition, name));
        let place = root.key("edges").index(at).key("when");
        Reading { shapes: &shapes, findings }.text(when, &place, Form::Expression);
    }
}

fn check_node(node: &Node, shapes: &Shapes, place: &Pointer, findings: &mut Findings) {
    let mut reading = Reading { shapes, findings };
    for kind in node.kinds() {
        match kind {
            Kind::Agent(agent) => templates(&mut reading, agent, &place.key("agent")),
            Kind::Tool(tool) => values(&mut reading, &tool.with, &place.path(&["tool", "with"])),
            Kind::Subgraph(inner) => {
                values(&mut reading, &inner.input, &place.path(&["subgraph", "input"]));
            }
            Kind::Interrupt(node) => {
                let place = place.path(&["interrupt", "question"]);
                reading.text(&node.question, &place, Form::Template);
            }
            Kind::Wait(wait) => {
                let place = place.key("wait");
                reading.maybe(wait.until.as_ref(), &place.key("until"), Form::Expression);
                reading.maybe(wait.topic.as_ref(), &place.key("topic"), Form::Template);
                let shapes = shapes.with("message", message());
                let mut reading = Reading { shapes: &shapes, findings: &mut *reading.findings };
                reading.maybe(wait.when.as_ref(), &place.key("when"), Form::Expression);
            }
            Kind::Set(members) => values(&mut reading, members, &place.key("set")),
        }
    }
    let shapes = shapes.with("output", output(node));
    writes(node, &shapes, place, findings);
}

/// What of a node is read when it has given something.
pub(super) fn writes(node: &Node, shapes: &Shapes, place: &Pointer, findings: &mut Findings) {
    values(&mut Reading { shapes, findings }, &node.write, &place.key("write"));
}

fn templates(reading: &mut Reading, agent: &AgentNode, place: &Pointer) {
    reading.text(&agent.prompt, &place.key("prompt"), Form::Template);
    for (name, text) in [
        ("profile", &agent.profile),
        ("system", &agent.system),
        ("runtime", &agent.runtime),
        ("model", &agent.model),
        ("session", &agent.session),
    ] {
        reading.maybe(text.as_ref(), &place.key(name), Form::Template);
    }
}

fn values(reading: &mut Reading, members: &Map<String, Value>, place: &Pointer) {
    for (name, value) in members {
        value_texts(reading, value, &place.key(name));
    }
}

fn value_texts(reading: &mut Reading, value: &Value, place: &Pointer) {
    if let Some(text) = as_template(value) {
        return reading.text(text, &place.key("template"), Form::Template);
    }
    match value {
        Value::String(text) => reading.text(text, place, Form::Expression),
        Value::Object(members) => values(reading, members, place),
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                value_texts(reading, item, &place.index(at));
            }
        }
        _ => {}
    }
}
