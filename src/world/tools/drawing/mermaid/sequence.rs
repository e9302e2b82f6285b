//! `sequenceDiagram`: who says what to whom, in the order of time.

use super::names::{Names, escaped};
use crate::world::tools::drawing::design::{
    Component, ComponentKind, Connection, ConnectionKind, Design,
};

pub(super) fn lines(design: &Design, names: &Names<'_>) -> Vec<String> {
    let mut lines = vec!["sequenceDiagram".to_owned()];
    for (group, members) in design.grouped() {
        let members = members.into_iter().map(|member| participant(member, names));
        match group {
            None => lines.extend(members.map(|line| format!("    {line}"))),
            Some(group) => {
                // Else its first word might be taken for a colour.
                lines.push(format!("    box transparent {}", escaped(group)));
                lines.extend(members.map(|line| format!("        {line}")));
                lines.push("    end".to_owned());
            }
        }
    }
    lines.extend(design.connections.iter().map(|one| format!("    {}", message(one, names))));
    lines
}

fn participant(component: &Component, names: &Names<'_>) -> String {
    let word = if component.kind == ComponentKind::Actor { "actor" } else { "participant" };
    format!("{word} {} as {}", names.get(&component.id), escaped(component.label()))
}

fn message(connection: &Connection, names: &Names<'_>) -> String {
    let (arrow, usual) = match connection.kind {
        ConnectionKind::Reply => ("-->>", "replies"),
        ConnectionKind::Async => ("-)", "tells"),
        _ => ("->>", "calls"),
    };
    let (from, to) = (names.get(&connection.from), names.get(&connection.to));
    format!("{from}{arrow}{to}: {}", escaped(connection.label().unwrap_or(usual)))
}
