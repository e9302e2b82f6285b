//! [`Problem`]: what is wrong with a definition, and where.

use super::places::{Places, Spot};
use super::pointer::Pointer;
use serde::Serialize;
use std::fmt;

/// What is wrong with a definition, and where: `FILE:LINE:COLUMN: MESSAGE (HINT)`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// The file, as it was named to the reader.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, " ({hint})"))
    }
}

impl std::error::Error for Problem {}

/// Collects problems of one file.
#[derive(Debug)]
pub(in crate::graph) struct Findings<'a> {
    file: &'a str,
    places: &'a Places,
    problems: Vec<Problem>,
    /// What was told of already, and left out: what is missing because of it is not told, too.
    spoiled: Vec<Pointer>,
}

impl<'a> Findings<'a> {
    pub(in crate::graph) fn new(file: &'a str, places: &'a Places) -> Self {
        Self { file, places, problems: Vec::new(), spoiled: Vec::new() }
    }

    /// Notes one. The hint is left out where it is empty.
    pub(in crate::graph) fn add(
        &mut self,
        spot: &Spot,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let (line, column) = self.places.of(spot);
        let hint = Some(hint.into()).filter(|hint| !hint.is_empty());
        let file = self.file.to_owned();
        self.problems.push(Problem { file, line, column, message: message.into(), hint });
    }

    /// How many there are.
    pub(in crate::graph) fn count(&self) -> usize {
        self.problems.len()
    }

    /// Whether there is something at this place in the file.
    pub(in crate::graph) fn was_written(&self, pointer: &Pointer) -> bool {
        self.places.has(pointer) && !self.is_spoiled(pointer)
    }

    /// Notes that something was left out of the definition.
    pub(in crate::graph) fn spoil(&mut self, pointer: &Pointer) {
        self.spoiled.push(pointer.clone());
    }

    /// Whether this, or a part of it, was left out.
    pub(in crate::graph) fn is_spoiled(&self, pointer: &Pointer) -> bool {
        self.spoiled.iter().any(|spoiled| spoiled.is_below(pointer))
    }

    /// All of them in the order of the file, each once.
    pub(in crate::graph) fn sorted(mut self) -> Vec<Problem> {
        let key = |problem: &Problem| (problem.line, problem.column);
        self.problems.sort_by_key(key);
        self.problems.dedup();
        self.problems
    }
}
