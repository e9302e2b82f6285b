//! [`Drawing`]: a graph as JSON, as Mermaid or as DOT. Pure.

use actix_web::HttpResponse;
use callboard_actors::graph::{Definition, Edge, Kind};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// How it is drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::http) enum Format {
    /// Nodes and edges, for programs.
    #[default]
    Json,
    /// For documents and browsers.
    Mermaid,
    /// For Graphviz.
    Dot,
}

/// A graph to be drawn.
pub(in crate::http) struct Drawing<'a> {
    definition: &'a Definition,
    statuses: BTreeMap<String, &'static str>,
}

/// An arrow. What it is called is a condition, `else`, or what failed.
struct Arrow {
    from: String,
    to: String,
    label: Option<String>,
}

/// What stands for the place where a run begins.
const START: &str = "start";

/// The colours of what is not at rest, and of what has ended, by status.
const COLOURS: [(&str, &str); 9] = [
    ("held", "#f4f4ee"),
    ("running", "#cfe8ff"),
    ("retrying", "#ffe3b3"),
    ("asking", "#fff3a3"),
    ("waiting", "#eeeeee"),
    ("done", "#d3f2d3"),
    ("undone", "#e8dcf5"),
    ("failed", "#ffd0d0"),
    ("stopped", "#dddddd"),
];

impl<'a> Drawing<'a> {
    pub(in crate::http) fn of(
        definition: &'a Definition,
        statuses: BTreeMap<String, &'static str>,
    ) -> Self {
        Self { definition, statuses }
    }

    pub(in crate::http) fn answer(&self, format: Format) -> HttpResponse {
        let text = |kind, text| HttpResponse::Ok().content_type(kind).body(text);
        match format {
            Format::Json => HttpResponse::Ok().json(self.json()),
            Format::Mermaid => text("text/vnd.mermaid; charset=utf-8", self.mermaid()),
            Format::Dot => text("text/vnd.graphviz; charset=utf-8", self.dot()),
        }
    }

    fn json(&self) -> Value {
        let nodes = self.definition.nodes.iter().map(|(name, node)| {
            json!({
                "node": name,
                "kind": kind_of(node.kinds().next()),
                "for_each": node.for_each.is_some(),
                "status": self.statuses.get(name),
            })
        });
        let edges = self.arrows().into_iter().map(|Arrow { from, to, label }| {
            let label = label.map_or_else(|| json!({}), |label| json!({ "label": label }));
            let mut edge = json!({ "from": from, "to": to });
            if let (Some(edge), Some(label)) = (edge.as_object_mut(), label.as_object()) {
                edge.extend(label.clone());
            }
            edge
        });
        let (nodes, edges): (Vec<_>, Vec<_>) = (nodes.collect(), edges.collect());
        json!({ "type": self.definition.name, "nodes": nodes, "edges": edges })
    }

    fn mermaid(&self) -> String {
        let mut text = "flowchart TD\n    start([start])\n    end_([end])\n".to_owned();
        let id = |name: &str| self.id(name);
        for (name, node) in &self.definition.nodes {
            let (id, label) = (id(name), label(name, node));
            // Writing to a String cannot fail.
            let _ = writeln!(text, "    {id}[\"{}\"]", escaped(&label, "#quot;"));
        }
        for Arrow { from, to, label } in self.arrows() {
            let label = label.map(|label| format!("|\"{}\"|", escaped(&label, "#quot;")));
            let (from, to, label) = (id(&from), id(&to), label.unwrap_or_default());
            let _ = writeln!(text, "    {from} -->{label} {to}");
        }
        for (status, colour) in COLOURS {
            let ids = self.statuses.iter().filter(|(_, held)| **held == status);
            let ids: Vec<String> = ids.map(|(name, _)| id(name)).collect();
            if !ids.is_empty() {
                let _ = writeln!(text, "    classDef {status} fill:{colour}");
                let _ = writeln!(text, "    class {} {status}", ids.join(","));
            }
        }
        text
    }

    fn dot(&self) -> String {
        let quoted =
            |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        let mut text = format!("digraph {} {{\n", quoted(&self.definition.name));
        text.push_str("    node [shape=box, style=\"rounded,filled\", fillcolor=white];\n");
        for (name, node) in &self.definition.nodes {
            let status = self.statuses.get(name);
            let colour = status.and_then(|status| colour(status)).unwrap_or("white");
            let label = quoted(&label(name, node).replace("<br>", " "));
            let id = quoted(name);
            // Writing to a String cannot fail.
            let _ = writeln!(text, "    {id} [label={label}, fillcolor=\"{colour}\"];");
        }
        for Arrow { from, to, label } in self.arrows() {
            let label = label.map(|label| format!(" [label={}]", quoted(&label)));
            let (from, to) = (quoted(&from), quoted(&to));
            let _ = writeln!(text, "    {from} -> {to}{};", label.unwrap_or_default());
        }
        text.push_str("}\n");
        text
    }

    /// A word that Mermaid takes for a name, whatever the node is called.
    fn id(&self, name: &str) -> String {
        match name {
            START => START.to_owned(),
            Definition::END => "end_".to_owned(),
            name => {
                let place = self.definition.nodes.keys().position(|node| node == name);
                format!("n{}", place.unwrap_or_default())
            }
        }
    }

    fn arrows(&self) -> Vec<Arrow> {
        let definition = self.definition;
        let mut arrows: Vec<Arrow> =
            definition.start.names().iter().map(|node| Arrow::plain(START, node)).collect();
        for edge in &definition.edges {
            for from in edge.from.names() {
                for to in edge.to.names() {
                    arrows.push(Arrow { label: label_of(edge), ..Arrow::plain(from, to) });
                }
            }
        }
        for (name, node) in &definition.nodes {
            if let Some(other) = &node.on_error {
                let label = Some("on error".to_owned());
                arrows.push(Arrow { label, ..Arrow::plain(name, other) });
            }
            let leads_on = |edge: &Edge| edge.from.names().contains(name);
            if !definition.edges.iter().any(leads_on) {
                arrows.push(Arrow::plain(name, Definition::END));
            }
        }
        arrows
    }
}

impl Arrow {
    fn plain(from: &str, to: &str) -> Self {
        Self { from: from.to_owned(), to: to.to_owned(), label: None }
    }
}

fn label_of(edge: &Edge) -> Option<String> {
    let otherwise = edge.otherwise.then(|| "else".to_owned());
    let join = (edge.from.names().len() > 1).then(|| "all".to_owned());
    edge.when.clone().or(otherwise).or(join)
}

fn label(name: &str, node: &callboard_actors::graph::Node) -> String {
    let each = if node.for_each.is_some() { " for each" } else { "" };
    format!("{name}<br>{}{each}", kind_of(node.kinds().next()))
}

fn kind_of(kind: Option<Kind<'_>>) -> &'static str {
    match kind {
        Some(Kind::Agent(_)) => "agent",
        Some(Kind::Tool(_)) => "tool",
        Some(Kind::Subgraph(_)) => "subgraph",
        Some(Kind::Interrupt(_)) => "interrupt",
        Some(Kind::Wait(_)) => "wait",
        Some(Kind::Set(_)) | None => "set",
    }
}

fn colour(status: &str) -> Option<&'static str> {
    COLOURS.into_iter().find(|(name, _)| *name == status).map(|(_, colour)| colour)
}

fn escaped(text: &str, quote: &str) -> String {
    text.replace('"', quote)
}

#[cfg(test)]
mod tests {
    use super::*;
    use callboard_actors::graph::read;

    const TEXT: &str = r#"
name: drawn
state:
  n: { reducer: sum }
start: a
nodes:
  a: { set: { n: 1 } }
  b: { interrupt: { question: 'ok "then"?' } }
edges:
  - { from: a, to: a, when: state.n < 3 }
  - { from: a, to: b, otherwise: true }
"#;

    #[test]
    fn a_graph_is_drawn_with_its_conditions_and_where_its_nodes_stand() {
        let written = read(TEXT, "drawn.yaml").unwrap();
        let statuses = [("a".to_owned(), "done"), ("b".to_owned(), "asking")].into();
        let drawing = Drawing::of(&written.definition, statuses);
        insta::assert_snapshot!(drawing.mermaid());
        insta::assert_snapshot!(drawing.dot());
        let json = serde_json::to_string_pretty(&drawing.json()).unwrap();
        insta::assert_snapshot!(json);
    }
}
