//! `stateDiagram-v2`: states, and what leads from one to another.

use super::names::{Names, escaped};
use crate::world::tools::drawing::design::{Component, ComponentKind, Connection, Design};

pub(super) fn lines(design: &Design, names: &Names<'_>) -> Vec<String> {
    let mut lines =
        vec!["stateDiagram-v2".to_owned(), format!("    direction {}", design.direction.word())];
    for (number, (group, members)) in design.grouped().into_iter().enumerate() {
        let members = members.into_iter().filter_map(|member| state(member, names));
        match group {
            None => lines.extend(members.map(|line| format!("    {line}"))),
            Some(group) => {
                lines.push(format!("    state \"{}\" as g_{number} {{", escaped(group)));
                lines.extend(members.map(|line| format!("        {line}")));
                lines.push("    }".to_owned());
            }
        }
    }
    lines.extend(
        design.connections.iter().map(|one| format!("    {}", transition(one, design, names))),
    );
    lines
}

/// A state; beginnings and ends are drawn at their transitions.
fn state(component: &Component, names: &Names<'_>) -> Option<String> {
    let name = names.get(&component.id);
    match component.kind {
        ComponentKind::Start | ComponentKind::End => None,
        ComponentKind::Decision => Some(format!("state {name} <<choice>>")),
        _ => Some(format!("state \"{}\" as {name}", escaped(component.label()))),
    }
}

fn transition(connection: &Connection, design: &Design, names: &Names<'_>) -> String {
    let end = |id: &str| {
        let kind =
            design.components.iter().find(|component| component.id == id).map(|one| one.kind);
        match kind {
            Some(ComponentKind::Start | ComponentKind::End) => "[*]".to_owned(),
            _ => names.get(id).to_owned(),
        }
    };
    let drawn = format!("{} --> {}", end(&connection.from), end(&connection.to));
    match connection.label() {
        Some(label) => format!("{drawn} : {}", escaped(label)),
        None => drawn,
    }
}
