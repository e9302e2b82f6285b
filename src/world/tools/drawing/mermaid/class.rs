//! `classDiagram`: types, what they have, and how they are related.

use super::names::{Names, escaped, escaped_but};
use crate::world::tools::drawing::design::{
    Component, ComponentKind, Connection, ConnectionKind, Design,
};

/// What may stand in a member as it is.
const IN_MEMBERS: &str = "()+-:=*$[]";

pub(super) fn lines(design: &Design, names: &Names<'_>) -> Vec<String> {
    let mut lines =
        vec!["classDiagram".to_owned(), format!("    direction {}", design.direction.word())];
    for (number, (group, members)) in design.grouped().into_iter().enumerate() {
        let members = members.into_iter().flat_map(|member| class(member, names));
        match group {
            None => lines.extend(members.map(|line| format!("    {line}"))),
            Some(group) => {
                lines.push(format!("    namespace g_{number}_{} {{", plain(group)));
                lines.extend(members.map(|line| format!("        {line}")));
                lines.push("    }".to_owned());
            }
        }
    }
    lines.extend(design.connections.iter().map(|one| format!("    {}", relation(one, names))));
    lines
}

/// Namespaces have no labels.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

fn class(component: &Component, names: &Names<'_>) -> Vec<String> {
    let mark = match component.kind {
        ComponentKind::Interface => Some("interface"),
        ComponentKind::Abstract => Some("abstract"),
        ComponentKind::Enum => Some("enumeration"),
        ComponentKind::Database => Some("database"),
        ComponentKind::Queue => Some("queue"),
        ComponentKind::Actor => Some("actor"),
        ComponentKind::External => Some("external"),
        ComponentKind::Service
        | ComponentKind::Decision
        | ComponentKind::Start
        | ComponentKind::End => None,
    };
    let head = format!("class {}[\"{}\"]", names.get(&component.id), escaped(component.label()));
    let attributes = component.attributes.iter().map(|attribute| member(attribute));
    let methods = component.methods.iter().map(|method| {
        let method = member(method);
        if method.contains('(') { method } else { format!("{method}()") }
    });
    let marked = mark.map(|mark| format!("<<{mark}>>"));
    let inside: Vec<String> = marked.into_iter().chain(attributes).chain(methods).collect();
    if inside.is_empty() {
        return vec![head];
    }
    let inside = inside.into_iter().map(|line| format!("    {line}"));
    std::iter::once(format!("{head} {{")).chain(inside).chain(["}".to_owned()]).collect()
}

fn member(text: &str) -> String {
    escaped_but(&text.replace(['\n', '\r'], " "), IN_MEMBERS)
}

fn relation(connection: &Connection, names: &Names<'_>) -> String {
    let (from, to) = (names.get(&connection.from), names.get(&connection.to));
    let drawn = match connection.kind {
        ConnectionKind::Inherits => format!("{to} <|-- {from}"),
        ConnectionKind::Implements => format!("{to} <|.. {from}"),
        ConnectionKind::Composes => format!("{from} *-- {to}"),
        ConnectionKind::Aggregates => format!("{from} o-- {to}"),
        ConnectionKind::Uses | ConnectionKind::Async | ConnectionKind::Reply => {
            format!("{from} ..> {to}")
        }
        ConnectionKind::Calls => format!("{from} --> {to}"),
    };
    match connection.label() {
        Some(label) => format!("{drawn} : {}", escaped(&label.replace('\n', " "))),
        None => drawn,
    }
}
