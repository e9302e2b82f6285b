//! [`Design`]: what is to be drawn, and whether it makes sense.

use callboard_actors::tools::ToolError;
use callboard_actors::vocabulary::nearest;
use serde::Deserialize;
use std::collections::BTreeSet;

/// What is to be drawn.
#[derive(Debug, Deserialize)]
pub(super) struct Design {
    pub(super) kind: Kind,
    pub(super) title: Option<String>,
    #[serde(default)]
    pub(super) direction: Direction,
    pub(super) components: Vec<Component>,
    #[serde(default)]
    pub(super) connections: Vec<Connection>,
}

/// What sort of diagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Flowchart,
    Class,
    Sequence,
    State,
}

/// Whereto connections lead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Direction {
    #[default]
    Down,
    Right,
    Up,
    Left,
}

impl Direction {
    /// As both languages write it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Down => "TB",
            Self::Right => "LR",
            Self::Up => "BT",
            Self::Left => "RL",
        }
    }
}

/// Something that is there.
#[derive(Debug, Deserialize)]
pub(super) struct Component {
    pub(super) id: String,
    name: Option<String>,
    #[serde(default)]
    pub(super) kind: ComponentKind,
    pub(super) group: Option<String>,
    #[serde(default)]
    pub(super) attributes: Vec<String>,
    #[serde(default)]
    pub(super) methods: Vec<String>,
}

impl Component {
    /// What is shown of it.
    pub(super) fn label(&self) -> &str {
        self.name.as_deref().filter(|name| !name.trim().is_empty()).unwrap_or(&self.id)
    }
}

/// What a component is: its shape.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ComponentKind {
    #[default]
    Service,
    Database,
    Queue,
    Actor,
    External,
    Decision,
    Start,
    End,
    Interface,
    Abstract,
    Enum,
}

/// From one component to another.
#[derive(Debug, Deserialize)]
pub(super) struct Connection {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) label: Option<String>,
    #[serde(default)]
    pub(super) kind: ConnectionKind,
}

impl Connection {
    /// What stands at it, if anything does.
    pub(super) fn label(&self) -> Option<&str> {
        self.label.as_deref().filter(|label| !label.trim().is_empty())
    }
}

/// What a connection means: its line and its arrow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ConnectionKind {
    #[default]
    Calls,
    Async,
    Reply,
    Uses,
    Inherits,
    Implements,
    Composes,
    Aggregates,
}

impl Design {
    /// Refuses what cannot be drawn.
    ///
    /// # Errors
    /// With what is wrong, and what was probably meant.
    pub(super) fn check(&self) -> Result<(), ToolError> {
        let mut known = BTreeSet::new();
        for component in &self.components {
            if component.id.trim().is_empty() {
                return Err(ToolError::new("a component has no id: give each one of its own"));
            }
            if !known.insert(component.id.as_str()) {
                let id = &component.id;
                return Err(ToolError::new(format!(
                    "two components have the id {id:?}: give each one of its own"
                )));
            }
        }
        let ends = self.connections.iter().flat_map(|one| [&one.from, &one.to]);
        match ends.into_iter().find(|end| !known.contains(end.as_str())) {
            None => Ok(()),
            Some(end) => {
                let near = nearest(end, known.iter().copied());
                let hint =
                    near.map_or_else(String::new, |near| format!(": did you mean {near:?}?"));
                Err(ToolError::new(format!(
                    "a connection leads to {end:?}, which is no component's id{hint}"
                )))
            }
        }
    }

    /// The groups, in the order in which they come, each with its components; first those without one.
    pub(super) fn grouped(&self) -> Vec<(Option<&str>, Vec<&Component>)> {
        let mut groups: Vec<(Option<&str>, Vec<&Component>)> = vec![(None, Vec::new())];
        for component in &self.components {
            let name = component.group.as_deref().filter(|name| !name.trim().is_empty());
            match groups.iter_mut().find(|(group, _)| *group == name) {
                Some((_, members)) => members.push(component),
                None => groups.push((name, vec![component])),
            }
        }
        groups
    }
}
