//! `flowchart`: boxes and arrows.

use super::names::{Names, escaped};
use crate::world::tools::drawing::design::{
    Component, ComponentKind, Connection, ConnectionKind, Design,
};

pub(super) fn lines(design: &Design, names: &Names<'_>) -> Vec<String> {
    let mut lines = vec![format!("flowchart {}", design.direction.word())];
    for (number, (group, members)) in design.grouped().into_iter().enumerate() {
        let members = members.into_iter().map(|member| node(member, names));
        match group {
            None => lines.extend(members.map(|line| format!("    {line}"))),
            Some(group) => {
                lines.push(format!("    subgraph g_{number}[\"{}\"]", escaped(group)));
                lines.extend(members.map(|line| format!("        {line}")));
                lines.push("    end".to_owned());
            }
        }
    }
    lines.extend(design.connections.iter().map(|one| format!("    {}", arrow(one, names))));
    lines
}

fn node(component: &Component, names: &Names<'_>) -> String {
    let (before, after) = match component.kind {
        ComponentKind::Database => ("[(", ")]"),
        ComponentKind::Queue => ("[[", "]]"),
        ComponentKind::Actor => ("([", "])"),
        ComponentKind::External => ("[/", "/]"),
        ComponentKind::Decision => ("{", "}"),
        ComponentKind::Start | ComponentKind::End => ("((", "))"),
        ComponentKind::Interface | ComponentKind::Abstract => ("{{", "}}"),
        ComponentKind::Service | ComponentKind::Enum => ("[", "]"),
    };
    let members =
        component.attributes.iter().chain(&component.methods).map(|member| escaped(member));
    let label = std::iter::once(escaped(component.label())).chain(members);
    let label = label.collect::<Vec<_>>().join("<br/>");
    format!("{}{before}\"{label}\"{after}", names.get(&component.id))
}

fn arrow(connection: &Connection, names: &Names<'_>) -> String {
    let line = match connection.kind {
        ConnectionKind::Async
        | ConnectionKind::Reply
        | ConnectionKind::Uses
        | ConnectionKind::Implements => "-.->",
        ConnectionKind::Composes | ConnectionKind::Aggregates => "--o",
        ConnectionKind::Calls | ConnectionKind::Inherits => "-->",
    };
    let (from, to) = (names.get(&connection.from), names.get(&connection.to));
    match connection.label() {
        Some(label) => format!("{from} {line}|\"{}\"| {to}", escaped(label)),
        None => format!("{from} {line} {to}"),
    }
}
