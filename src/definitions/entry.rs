//! [`Entry`]: a definition in force, with its text and where it comes from.

use callboard_actors::graph::{Problem, Written, read};
use callboard_actors::journal::DefinitionRow;
use callboard_actors::vocabulary::{Hash, Position, Timestamp};
use serde::Serialize;
use std::path::PathBuf;

/// A definition in force.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What it says, and where.
    pub written: Written,
    /// As it was written.
    pub text: String,
    /// Of the text.
    pub hash: Hash,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a definition comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "source", rename_all = "snake_case")]
pub enum Origin {
    /// It ships with the program.
    Shipped,
    /// A file of the folder.
    File {
        /// Which.
        file: PathBuf,
    },
    /// It was registered while a server ran.
    Registered {
        /// When.
        updated_at: Timestamp,
        /// Its revision: the position of the message that told of it.
        position: Position,
    },
}

impl Entry {
    /// Reads a text; `name` is what it has to be called, `place` what its problems call it.
    ///
    /// # Errors
    /// All its problems, with their places.
    pub(super) fn read(
        name: &str,
        place: &str,
        text: String,
        origin: Origin,
    ) -> Result<Self, Vec<Problem>> {
        let written = read(&text, place)?;
        if written.definition.name != name {
            return Err(vec![misnamed(name, place, &text, &written)]);
        }
        let hash = Hash::of(text.as_bytes());
        Ok(Self { written, text, hash, origin })
    }

    /// One that was registered.
    pub(super) fn of_row(name: &str, row: DefinitionRow) -> Result<Self, Vec<Problem>> {
        let DefinitionRow { text, updated_at, position, .. } = row;
        Self::read(name, name, text, Origin::Registered { updated_at, position })
    }

    /// The revision of a registered one; 0: it is none.
    pub(super) fn position(&self) -> Position {
        match self.origin {
            Origin::Registered { position, .. } => position,
            Origin::Shipped | Origin::File { .. } => 0,
        }
    }
}

fn misnamed(name: &str, place: &str, text: &str, written: &Written) -> Problem {
    let line = text.lines().position(|line| line.starts_with("name"));
    let message = format!("the definition is called `{}` here", written.definition.name);
    let hint = Some(format!("call it `{name}`, as the file or the path does"));
    Problem {
        file: place.to_owned(),
        line: line.map_or(1, |line| line + 1),
        column: 1,
        message,
        hint,
    }
}
