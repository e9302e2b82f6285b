//! `generate_mermaid_diagram` and `generate_graphviz_diagram`.

use super::design::{Design, Kind};
use super::{graphviz, mermaid};
use crate::world::tools::act::{Act, Called, read, safe};
use callboard_actors::tools::{Caller, Tool, ToolError};
use futures::FutureExt;
use serde_json::{Value, json};

pub(in crate::world::tools) fn mermaid_tool() -> Tool {
    let description = "Makes a Mermaid diagram of a design: its components and how they are connected. Kinds: flowchart, class, \
                       sequence (connections in the order of time), state. Names may have any characters in them. Gives the \
                       diagram's text, which Markdown shows in a block of the language mermaid.";
    safe(
        "generate_mermaid_diagram",
        description,
        parameters(&["flowchart", "class", "sequence", "state"]),
    )
}

pub(in crate::world::tools) fn graphviz_tool() -> Tool {
    let description = "Makes a Graphviz diagram (DOT) of a design: its components and how they are connected. Kinds: flowchart, \
                       class, state. Names may have any characters in them. Gives the diagram's text.";
    safe("generate_graphviz_diagram", description, parameters(&["flowchart", "class", "state"]))
}

fn parameters(kinds: &[&str]) -> Value {
    json!({
        "type": "object",
        "required": ["kind", "components"],
        "additionalProperties": false,
        "properties": {
            "kind": { "type": "string", "enum": kinds },
            "title": { "type": "string", "maxLength": 200 },
            "direction": { "type": "string", "enum": ["down", "right", "up", "left"], "default": "down" },
            "components": { "type": "array", "minItems": 1, "maxItems": 200, "items": component() },
            "connections": { "type": "array", "maxItems": 500, "items": connection() },
        },
    })
}

fn component() -> Value {
    let members = json!({ "type": "array", "maxItems": 100, "items": { "type": "string", "maxLength": 200 } });
    json!({
        "type": "object",
        "required": ["id"],
        "additionalProperties": false,
        "properties": {
            "id": { "type": "string", "minLength": 1, "maxLength": 100 },
            "name": { "type": "string", "maxLength": 200, "description": "What is shown; else the id." },
            "kind": {
                "type": "string",
                "enum": ["service", "database", "queue", "actor", "external", "decision", "start", "end", "interface", "abstract", "enum"],
                "default": "service",
            },
            "group": { "type": "string", "maxLength": 100, "description": "With which others it stands in one frame." },
            "attributes": members,
            "methods": members,
        },
    })
}

fn connection() -> Value {
    json!({
        "type": "object",
        "required": ["from", "to"],
        "additionalProperties": false,
        "properties": {
            "from": { "type": "string" },
            "to": { "type": "string" },
            "label": { "type": "string", "maxLength": 200 },
            "kind": {
                "type": "string",
                "enum": ["calls", "async", "reply", "uses", "inherits", "implements", "composes", "aggregates"],
                "default": "calls",
            },
        },
    })
}

/// One of the two.
#[derive(Clone, Copy)]
pub(in crate::world::tools) enum Draw {
    Mermaid,
    Graphviz,
}

impl Act for Draw {
    fn call(&self, arguments: Value, _: Caller) -> Called {
        let to = *self;
        async move {
            let design: Design = read(arguments)?;
            design.check()?;
            let (language, text) = match to {
                Self::Mermaid => ("mermaid", mermaid::text(&design)),
                Self::Graphviz if design.kind == Kind::Sequence => {
                    return Err(ToolError::new("graphviz draws no sequences: use generate_mermaid_diagram"));
                }
                Self::Graphviz => ("dot", graphviz::text(&design)),
            };
            let (components, connections) = (design.components.len(), design.connections.len());
            Ok(json!({ "language": language, "diagram": text, "components": components, "connections": connections }))
        }
        .boxed_local()
    }
}
