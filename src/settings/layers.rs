//! The file with the variables over it, and the memory of who set what.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Deserialize as _;
use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::document::Document;
use super::error::{Error, Place};
use super::nearest::explain;
use super::sources::Sources;
use super::variables::{self, Assignment};

/// Where the settings file is looked for when none is named.
const DEFAULT_FILE: &str = "config/callboard.toml";

/// All that was written, by whom.
#[derive(Debug)]
pub(super) struct Layers {
    file: Option<File>,
    assignments: Vec<Assignment>,
}

/// A settings file that was read, and the name under which errors speak of it.
#[derive(Debug)]
struct File {
    path: PathBuf,
    text: String,
}

impl Layers {
    /// Reads file and variables, and checks each of them for itself.
    pub(super) fn read(sources: &Sources) -> Result<Self, Error> {
        let file = File::read(sources)?;
        if let Some(file) = &file {
            // Numbers that only some types hold are found by this.
            toml::from_str::<Table>(&file.text).map_err(|error| file.refuse(&error))?;
            toml::from_str::<Document>(&file.text).map_err(|error| file.refuse(&error))?;
        }
        Ok(Self { file, assignments: variables::assignments(&sources.env)? })
    }

    /// One document of all layers.
    pub(super) fn merge(&self) -> Result<Document, Error> {
        let text = self.file.as_ref().map_or("", |file| file.text.as_str());
        let mut table: Table = toml::from_str(text).expect("the file was parsed before");
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

    /// Where a setting was made; where it was not, the nearest place around it.
    pub(super) fn place(&self, path: &[String]) -> Place {
        let variable =
            self.assignments.iter().rev().find(|assignment| assignment.path.starts_with(path));
        let in_file = || self.file.as_ref().and_then(|file| file.place_of(path));
        match variable {
            Some(assignment) => Place::Variable(assignment.name.clone()),
            None => in_file().unwrap_or_else(|| Place::Default(path.join("."))),
        }
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
