//! [`read`]: a text becomes a definition that was checked, or the list of all its problems.

use super::places::{Places, Spot};
use super::pointer::Pointer;
use super::problem::{Findings, Problem};
use super::shape::definition;
use super::yaml::parse;
use crate::graph::Definition;
use crate::graph::check::check;

/// A definition that was checked, with where everything of it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// The file, as it was named to the reader.
    pub file: String,
    /// What it says.
    pub definition: Definition,
    places: Places,
}

/// Reads a definition and checks all of it that can be checked without knowing other definitions or profiles: for
/// these see [`bundle`](crate::graph::bundle). `file` is only for the problems.
pub fn read(text: &str, file: &str) -> Result<Written, Vec<Problem>> {
    let tree = parse(text).map_err(|(line, column, message)| {
        vec![Problem { file: file.to_owned(), line, column, message, hint: None }]
    })?;
    let places = Places::of_tree(text, &tree);
    let mut findings = Findings::new(file, &places);
    let value = tree.value();
    if !value.is_object() {
        let message = "a definition has to be an object";
        findings.add(&Spot::Value(Pointer::root()), message, "begin with `name: …`");
        return Err(findings.sorted());
    }
    let definition = definition(value, &mut findings);
    if let Some(definition) = &definition {
        check(definition, &mut findings);
    }
    match (definition, findings.sorted()) {
        (Some(definition), problems) if problems.is_empty() => {
            Ok(Written { file: file.to_owned(), definition, places })
        }
        (_, problems) => Err(problems),
    }
}

impl Written {
    /// One that was made by a program, not written: its problems have no places.
    pub fn unplaced(definition: Definition, file: &str) -> Self {
        Self { file: file.to_owned(), definition, places: Places::unknown() }
    }

    /// Notes what is wrong with it.
    pub(in crate::graph) fn findings(&self) -> Findings<'_> {
        Findings::new(&self.file, &self.places)
    }
}
