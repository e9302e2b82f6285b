//! Everything about one text, from one tree.

use serde::{Deserialize, Serialize};

use crate::issues::{Issues, found};
use crate::limits::Watch;
use crate::structure::{Parsed, structure};
use crate::syntax::{Source, Validation, validation};
use crate::{Fault, Language, Limits};

/// What a text is made of, where it does not parse, and what a reviewer should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Its structure.
    pub parsed: Parsed,
    /// Its syntax.
    pub syntax: Validation,
    /// Its issues.
    pub issues: Issues,
}

/// Reads a text once and tells all there is to tell; the time limit holds for all of it together.
pub fn examine(language: Language, text: &str, limits: &Limits) -> Result<Report, Fault> {
    let mut watch = Watch::start(text, limits)?;
    let source = Source::read(language, text, limits, &watch)?;
    let syntax = validation(&source, &mut watch)?;
    let parsed = structure(&source, &mut watch)?;
    let issues = found(&source, &parsed.complexity, &mut watch)?;
    Ok(Report { parsed, syntax, issues })
}
