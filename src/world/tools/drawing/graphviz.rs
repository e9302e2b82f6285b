//! Graphviz's text (DOT). Names are quoted as they are; what has members becomes a table, in Graphviz's own HTML.

use super::design::{Component, ComponentKind, Connection, ConnectionKind, Design, Kind};

/// The diagram's text.
pub(super) fn text(design: &Design) -> String {
    let mut lines = vec!["digraph {".to_owned()];
    lines.push(format!("    graph [rankdir={}{}];", design.direction.word(), title(design)));
    lines.push("    node [shape=box, fontname=\"sans-serif\"];".to_owned());
    lines.push("    edge [fontname=\"sans-serif\"];".to_owned());
    for (number, (group, members)) in design.grouped().into_iter().enumerate() {
        let members = members.into_iter().map(|member| node(member, design.kind));
        match group {
            None => lines.extend(members.map(|line| format!("    {line}"))),
            Some(group) => {
                lines.push(format!("    subgraph cluster_{number} {{"));
                lines.push(format!("        label={};", quoted(group)));
                lines.extend(members.map(|line| format!("        {line}")));
                lines.push("    }".to_owned());
            }
        }
    }
    lines.extend(design.connections.iter().map(|one| format!("    {}", edge(one))));
    lines.push("}".to_owned());
    lines.join("\n") + "\n"
}

fn title(design: &Design) -> String {
    let title = design.title.as_deref().filter(|title| !title.trim().is_empty());
    title.map_or_else(String::new, |title| format!(", label={}, labelloc=t", quoted(title)))
}

fn node(component: &Component, kind: Kind) -> String {
    let id = quoted(&component.id);
    if kind == Kind::Class || !(component.attributes.is_empty() && component.methods.is_empty()) {
        return format!("{id} [shape=plain, label=<{}>];", table(component));
    }
    let look = match component.kind {
        ComponentKind::Database => ", shape=cylinder",
        ComponentKind::Queue => ", shape=cds",
        ComponentKind::Actor => ", shape=oval",
        ComponentKind::External => ", style=dashed",
        ComponentKind::Decision => ", shape=diamond",
        ComponentKind::Start => ", shape=circle",
        ComponentKind::End => ", shape=doublecircle",
        ComponentKind::Interface | ComponentKind::Abstract => ", style=\"rounded,dashed\"",
        ComponentKind::Service | ComponentKind::Enum if kind == Kind::State => ", style=rounded",
        ComponentKind::Service | ComponentKind::Enum => "",
    };
    format!("{id} [label={}{look}];", quoted(component.label()))
}

/// A class: its name, what it has, what it does.
fn table(component: &Component) -> String {
    let mark = match component.kind {
        ComponentKind::Interface => "«interface»<br/>",
        ComponentKind::Abstract => "«abstract»<br/>",
        ComponentKind::Enum => "«enumeration»<br/>",
        _ => "",
    };
    let mut rows = format!("<tr><td>{mark}<b>{}</b></td></tr>", marked_up(component.label()));
    for members in [&component.attributes, &component.methods] {
        if !members.is_empty() {
            let lines: Vec<String> =
                members.iter().map(|member| marked_up(member) + "<br align=\"left\"/>").collect();
            rows += "<tr><td align=\"left\">";
            rows += &lines.concat();
            rows += "</td></tr>";
        }
    }
    format!(
        "<table border=\"0\" cellborder=\"1\" cellspacing=\"0\" cellpadding=\"4\">{rows}</table>"
    )
}

fn edge(connection: &Connection) -> String {
    let look = match connection.kind {
        ConnectionKind::Calls => "",
        ConnectionKind::Async | ConnectionKind::Uses => "style=dashed",
        ConnectionKind::Reply => "style=dashed, arrowhead=open",
        ConnectionKind::Inherits => "arrowhead=empty",
        ConnectionKind::Implements => "arrowhead=empty, style=dashed",
        ConnectionKind::Composes => "dir=back, arrowtail=diamond",
        ConnectionKind::Aggregates => "dir=back, arrowtail=odiamond",
    };
    let label = connection.label().map(|label| format!("label={}", quoted(label)));
    let looks = [label.as_deref().unwrap_or_default(), look];
    let looks: Vec<&str> = looks.into_iter().filter(|look| !look.is_empty()).collect();
    let (from, to) = (quoted(&connection.from), quoted(&connection.to));
    format!("{from} -> {to} [{}];", looks.join(", "))
}

/// A text in quotes, in which a backslash is one.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.trim().chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            // Else it might be read as HTML's entity.
            '&' => quoted.push_str("&amp;"),
            c if c.is_control() => quoted.push(' '),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

fn marked_up(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.trim().chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
