//! Why a replay could not be read.

use std::io;
use std::path::{Path, PathBuf};

/// The file to compare with.
const EXAMPLE: &str = "compare with config/replay/hello.yaml";

/// A replay that could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// The folder or a file in it could not be read.
    #[error("failed to read {}: {source}", path.display())]
    Unreadable {
        /// What was to be read.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is no replay.
    #[error("failed to read {}:{line}:{column}: {problem}; {hint}", path.display())]
    Invalid {
        /// The file at fault.
        path: PathBuf,
        /// The line at fault, from 1; 0 when it is not known.
        line: u64,
        /// The column at fault, from 1; 0 when it is not known.
        column: u64,
        /// What is wrong.
        problem: String,
        /// What to do about it.
        hint: String,
    },
}

impl ScriptError {
    pub(super) fn unreadable(path: &Path, source: io::Error) -> Self {
        Self::Unreadable { path: path.to_owned(), source }
    }

    pub(super) fn invalid(path: &Path, error: &serde_saphyr::Error) -> Self {
        let location = error.location();
        let problem = problem(error);
        Self::Invalid {
            path: path.to_owned(),
            line: location.map_or(0, |at| at.line()),
            column: location.map_or(0, |at| at.column()),
            hint: hint(&problem),
            problem,
        }
    }
}

/// The message alone: the parser adds the place to it, which is told apart here.
fn problem(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    let line = text.lines().next().unwrap_or_default();
    line.rsplit_once(" at line ").map_or(line, |(message, _)| message).to_owned()
}

/// For a misspelt word, the one that was meant. Such a message reads
/// ``unknown field `wrong`, expected one of right, left``.
fn hint(problem: &str) -> String {
    let unknown = problem.strip_prefix("unknown ").and_then(|rest| rest.split_once("expected "));
    let near = unknown.and_then(|(wrong, right)| {
        let wrong = wrong.split('`').nth(1)?;
        let names = right.trim_start_matches("one of ").split(", ");
        names.map(|name| (distance(wrong, name), name)).filter(|(far, _)| *far <= 2).min()
    });
    near.map_or_else(|| EXAMPLE.to_owned(), |(_, name)| format!("did you mean `{name}`?"))
}

/// How many letters have to be put in, left out or changed to get from `a` to `b` (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.chars().enumerate() {
            let changed = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[row.len() - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_counted_in_letters() {
        assert_eq!(distance("awnser", "answer"), 2);
        assert_eq!(distance("", "ab"), 2);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
