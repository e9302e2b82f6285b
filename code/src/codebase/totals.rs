//! Sums.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::SourceFile;
use crate::{Category, FunctionMeasure, Language, LineCounts, Severity};

/// The sums of a language's files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LanguageTotals {
    /// Files that were read.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Their lines.
    pub lines: LineCounts,
    /// What they declare.
    pub symbols: usize,
    /// Functions and methods with a body.
    pub functions: usize,
    /// The sum of their complexities.
    pub complexity: u64,
    /// Files that do not parse.
    pub files_with_errors: usize,
    /// Issues by severity, the worst first.
    pub issues: BTreeMap<Severity, usize>,
    /// Issues by category.
    pub categories: BTreeMap<Category, usize>,
}

/// Files whose language is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherFiles {
    /// How many.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
}

/// A function and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionAt {
    /// The file, from the root.
    pub path: String,
    /// What was measured.
    #[serde(flatten)]
    pub measure: FunctionMeasure,
}

/// How many of the largest and most complex are named.
const TOP: usize = 10;

impl LanguageTotals {
    pub(super) fn add(&mut self, file: &SourceFile) {
        let parsed = &file.report.parsed;
        self.files += 1;
        self.bytes += parsed.bytes as u64;
        self.lines += parsed.lines;
        self.symbols += parsed.symbols.len();
        self.functions += parsed.complexity.functions.len();
        self.complexity += parsed.complexity.total;
        self.files_with_errors += usize::from(!file.report.syntax.is_valid());
        for issue in &file.report.issues.issues {
            *self.issues.entry(issue.severity).or_default() += 1;
            *self.categories.entry(issue.category).or_default() += 1;
        }
    }
}

/// The sums of each language.
pub(super) fn by_language(files: &[SourceFile]) -> BTreeMap<Language, LanguageTotals> {
    let mut totals: BTreeMap<Language, LanguageTotals> = BTreeMap::new();
    for file in files {
        totals.entry(file.report.parsed.language).or_default().add(file);
    }
    totals
}

/// The paths of the files with the most bytes, the largest first; of equal ones the first by path.
pub(super) fn largest(files: &[SourceFile]) -> Vec<String> {
    let mut files: Vec<&SourceFile> = files.iter().collect();
    files.sort_by_key(|file| std::cmp::Reverse(file.report.parsed.bytes));
    files.into_iter().take(TOP).map(|file| file.path.clone()).collect()
}

/// The functions with the most ways through them, likewise.
pub(super) fn most_complex(files: &[SourceFile]) -> Vec<FunctionAt> {
    let of = |file: &'_ SourceFile| file.report.parsed.complexity.functions.len();
    let mut all: Vec<(&SourceFile, usize)> =
        files.iter().flat_map(|file| (0..of(file)).map(move |number| (file, number))).collect();
    let measure = |(file, number): &(&SourceFile, usize)| {
        file.report.parsed.complexity.functions[*number].clone()
    };
    all.sort_by_key(|(file, number)| {
        std::cmp::Reverse(file.report.parsed.complexity.functions[*number].complexity)
    });
    let told = all.iter().take(TOP);
    told.map(|at| FunctionAt { path: at.0.path.clone(), measure: measure(at) }).collect()
}
