//! [`Places`]: where each value of a document was written.

use super::pointer::Pointer;
use super::scalar::inside;
use super::yaml::{Shape, Tree, place};
use std::collections::HashMap;

/// What a problem is about.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::graph) enum Spot {
    /// A value; one that holds others is named by its key.
    Value(Pointer),
    /// A key.
    Key(Pointer),
    /// A part of a text, by its bytes.
    Inside(Pointer, usize),
}

/// Where each value of a document was written.
#[derive(Debug, Clone, PartialEq, Default)]
pub(in crate::graph) struct Places {
    lines: Vec<String>,
    known: HashMap<Pointer, Place>,
}

#[derive(Debug, Clone, PartialEq)]
struct Place {
    key: (usize, usize),
    value: (usize, usize),
    text: Option<String>,
    is_scalar: bool,
}

impl Places {
    pub(super) fn of_tree(text: &str, tree: &Tree) -> Self {
        let mut places =
            Self { lines: text.lines().map(str::to_owned).collect(), known: HashMap::new() };
        places.note(&Pointer::root(), place(tree.at), tree);
        places
    }

    /// A document of which nothing is known but its lines.
    pub(super) fn unknown() -> Self {
        Self::default()
    }

    fn note(&mut self, pointer: &Pointer, key: (usize, usize), tree: &Tree) {
        let (mut is_scalar, mut text) = (false, None);
        match &tree.shape {
            Shape::Scalar(value) => {
                (is_scalar, text) = (true, value.as_str().map(str::to_owned));
            }
            Shape::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.note(&pointer.index(index), place(item.at), item);
                }
            }
            Shape::Map(members) => {
                for (key, member) in members {
                    self.note(&pointer.key(&key.value), place(key.referenced), member);
                }
            }
        }
        let value = place(tree.at);
        self.known.insert(pointer.clone(), Place { key, value, text, is_scalar });
    }

    /// Whether something was written there.
    pub(super) fn has(&self, pointer: &Pointer) -> bool {
        self.known.contains_key(pointer)
    }

    /// Line and column. What was not written is looked for where it should have been.
    pub(super) fn of(&self, spot: &Spot) -> (usize, usize) {
        let (Spot::Value(pointer) | Spot::Key(pointer) | Spot::Inside(pointer, _)) = spot;
        let Some(place) = self.known.get(pointer) else {
            return pointer.parent().map_or((1, 1), |parent| self.of(&Spot::Key(parent)));
        };
        match spot {
            Spot::Key(_) => place.key,
            Spot::Value(_) if !place.is_scalar => place.key,
            Spot::Value(_) => place.value,
            Spot::Inside(_, offset) => {
                let text = place.text.as_deref().unwrap_or_default();
                inside(&self.lines, place.value, text, *offset).unwrap_or(place.value)
            }
        }
    }
}
