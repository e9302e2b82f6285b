//! What a folder is made of.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::gather::Gathered;
use super::{FunctionAt, ImportGraph, LanguageTotals, OtherFiles, Skipped, totals};
use crate::{Language, Report};

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFile {
    /// Its path from the root, with `/`.
    pub path: String,
    /// All about it.
    pub report: Arc<Report>,
}

/// A folder of code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Codebase {
    /// The sums of each language.
    pub languages: BTreeMap<Language, LanguageTotals>,
    /// Files of unknown languages, by extension (without the dot; empty where there is none).
    pub others: BTreeMap<String, OtherFiles>,
    /// The files that were read, in the order of their paths.
    pub files: Vec<SourceFile>,
    /// Who imports whom.
    pub imports: ImportGraph,
    /// The paths of the ten largest files.
    pub largest: Vec<String>,
    /// The ten functions with the most ways through them.
    pub most_complex: Vec<FunctionAt>,
    /// What was left out, each with the reason, in the order of their paths.
    pub skipped: Vec<Skipped>,
    /// How many source files there are beyond [`Options::files`](super::Options::files).
    pub left_out: usize,
}

impl Codebase {
    pub(super) fn new(files: Vec<SourceFile>, gathered: Gathered) -> Self {
        let Gathered { others, mut skipped, go_modules, left_out, .. } = gathered;
        skipped.sort_by(|one, other| one.path.cmp(&other.path));
        Self {
            languages: totals::by_language(&files),
            others,
            imports: ImportGraph::of(&files, &go_modules),
            largest: totals::largest(&files),
            most_complex: totals::most_complex(&files),
            files,
            skipped,
            left_out,
        }
    }

    /// The file of that path.
    pub fn file(&self, path: &str) -> Option<&SourceFile> {
        self.files.iter().find(|file| file.path == path)
    }
}
