//! The file, what was set while a server ran, and the variables, each over the former; and the memory of who set
//! what.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize as _, Serialize};
use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::document::Document;
use super::error::{Error, Place};
use super::nearest::explain;
use super::sources::Sources;
use super::stored::Stored;
use super::variables::{self, Assignment};

/// Where the settings file is looked for when none is named.
pub(super) const DEFAULT_FILE: &str = "config/callboard.toml";

/// All that was written, by whom.
#[derive(Clone, Debug)]
pub(super) struct Layers {
    basis: Basis,
    stored: Stored,
    assignments: Vec<Assignment>,
}

/// What lies at the bottom.
#[derive(Clone, Debug)]
enum Basis {
    /// The built-in defaults, with a file over them if there is one.
    File(Option<File>),
    /// Settings that a program made.
    Made(Table),
}

/// Who made a setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "source", content = "variable", rename_all = "lowercase")]
pub enum Source {
    /// Nobody.
    Default,
    /// The settings file.
    File,
    /// Somebody, while a server ran.
    Stored,
    /// This variable of the environment.
    Environment(String),
    /// This flag of the command line.
    Flag(String),
}

/// A settings file that was read, and the name under which errors speak of it.
#[derive(Clone, Debug)]
struct File {
    path: PathBuf,
    text: String,
}

impl Layers {
    /// Reads file and variables, and checks each of them for itself.
    pub(super) fn read(sources: &Sources, stored: Stored) -> Result<Self, Error> {
        let file = File::read(sources)?;
        if let Some(file) = &file {
            // Numbers that only some types hold are found by this.
            toml::from_str::<Table>(&file.text).map_err(|error| file.refuse(&error))?;
            toml::from_str::<Document>(&file.text).map_err(|error| file.refuse(&error))?;
        }
        let assignments = variables::assignments(&sources.env)?;
        Ok(Self { basis: Basis::File(file), stored, assignments })
    }

    /// Settings that a program made, with what was stored over them.
    pub(super) fn made(table: Table, stored: Stored) -> Self {
        Self { basis: Basis::Made(table), stored, assignments: Vec::new() }
    }

    /// The same, with this in place of what was stored.
    pub(super) fn with_stored(&self, stored: Stored) -> Self {
        Self { stored, ..self.clone() }
    }

    /// One document of all layers.
    pub(super) fn merge(&self) -> Result<Document, Error> {
        let mut table = self.basis.table();
        for (key, setting) in &self.stored {
            put(&mut table, key.segments(), &setting.value);
        }
        for assignment in &self.assignments {
            put(&mut table, &assignment.path, &assignment.value);
        }
        Document::deserialize(table).map_err(|error| {
            let explanation = explain(error.message());
            Error::Wrong {
                place: Place::Default("all settings".into()),
                message: explanation.message,
                hint: explanation.hint,
            }
        })
    }

    /// Whether a program took this runtime out, which exists by itself.
    pub(super) fn lacks_runtime(&self, name: &str) -> bool {
        let Basis::Made(table) = &self.basis else { return false };
        let is_made = table.get("runtimes").is_some_and(|runtimes| runtimes.get(name).is_some());
        !is_made && !self.stored.keys().any(|key| key.is_under(&["runtimes", name]))
    }

    /// Where a setting was made; where it was not, the nearest place around it.
    pub(super) fn place(&self, path: &[String]) -> Place {
        let variable =
            self.assignments.iter().rev().find(|assignment| assignment.path.starts_with(path));
        if let Some(assignment) = variable {
            return Place::Variable(assignment.name.clone());
        }
        if let Some(key) = self.stored.keys().find(|key| key.segments().starts_with(path)) {
            return Place::Stored(key.to_string());
        }
        let in_file = match &self.basis {
            Basis::File(Some(file)) => file.place_of(path),
            _ => None,
        };
        in_file.unwrap_or_else(|| Place::Default(path.join(".")))
    }

    /// Who made the setting with this path.
    pub(super) fn source(&self, path: &[String]) -> Source {
        let variable = self.assignments.iter().rev().find(|made| path.starts_with(&made.path));
        match variable {
            Some(made) if made.name.starts_with('-') => return Source::Flag(made.name.clone()),
            Some(made) => return Source::Environment(made.name.clone()),
            None => {}
        }
        if self.stored.keys().any(|key| path.starts_with(key.segments())) {
            Source::Stored
        } else if self.basis.holds(path) {
            Source::File
        } else {
            Source::Default
        }
    }

    /// What was set while a server ran.
    pub(super) fn stored(&self) -> &Stored {
        &self.stored
    }

    /// The names of the variables that make this setting, or part of it.
    pub(super) fn variable(&self, path: &[String]) -> Option<&str> {
        let made = self.assignments.iter().rev();
        let mut made =
            made.filter(|made| path.starts_with(&made.path) || made.path.starts_with(path));
        made.next().map(|made| made.name.as_str())
    }
}

impl Basis {
    fn table(&self) -> Table {
        match self {
            Self::File(file) => {
                let text = file.as_ref().map_or("", |file| file.text.as_str());
                toml::from_str(text).expect("the file was parsed before")
            }
            Self::Made(table) => table.clone(),
        }
    }

    fn holds(&self, path: &[String]) -> bool {
        let Self::File(_) = self else { return false };
        let mut value = Value::Table(self.table());
        for segment in path {
            match value.get(segment) {
                Some(inner) => value = inner.clone(),
                None => return false,
            }
        }
        true
    }
}

impl File {
    /// The file that was named, else the one at the usual place if it exists.
    fn read(sources: &Sources) -> Result<Option<Self>, Error> {
        let path = sources.config.clone().unwrap_or_else(|| DEFAULT_FILE.into());
        match std::fs::read_to_string(sources.directory.join(&path)) {
            Ok(text) => Ok(Some(Self { path, text })),
            Err(error) if error.kind() == ErrorKind::NotFound && sources.config.is_none() => {
                Ok(None)
            }
            Err(source) => Err(Error::Unreadable { path, source }),
        }
    }

    fn refuse(&self, error: &toml::de::Error) -> Error {
        let explanation = explain(error.message());
        let offset = error.span().map_or(0, |span| span.start);
        Error::Wrong {
            place: self.at(offset),
            message: explanation.message,
            hint: explanation.hint,
        }
    }

    /// Line and column of a byte offset.
    fn at(&self, offset: usize) -> Place {
        place_at(&self.path, &self.text, offset)
    }

    /// Where a setting, or as much of its path as is there, is written.
    fn place_of(&self, path: &[String]) -> Option<Place> {
        let document = DeTable::parse(&self.text).ok()?;
        let mut table = document.get_ref();
        let mut found = None;
        for segment in path {
            let Some((key, value)) = table.iter().find(|(key, _)| key.get_ref() == segment) else {
                break;
            };
            found = Some(key.span().start);
            match value.get_ref() {
                DeValue::Table(inner) => table = inner,
                _ => break,
            }
        }
        found.map(|offset| self.at(offset))
    }
}

fn place_at(path: &Path, text: &str, offset: usize) -> Place {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Place::File {
        path: path.to_owned(),
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}

/// Sets a value deep in a table, making the tables on the way.
fn put(table: &mut Table, path: &[String], value: &Value) {
    let Some((last, sections)) = path.split_last() else {
        return;
    };
    let mut inner = table;
    for section in sections {
        let entry = inner.entry(section.clone()).or_insert_with(|| Value::Table(Table::new()));
        let Value::Table(next) = entry else { return };
        inner = next;
    }
    inner.insert(last.clone(), value.clone());
}
