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
        Self::Unreadable {
            path: path.to_owned(),
            source,
        }
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

/// The message alone: the place is told apart from it.
fn problem(error: &serde_saphyr::Error) -> String {
    let text = error.without_snippet().to_string();
    let line = text.lines().next().unwrap_or_default();
    line.trim().to_owned()
}

/// For a misspelt word, the one that was meant: the names in a message stand in backticks, the
/// misspelt one first.
fn hint(problem: &str) -> String {
    let mut names = problem.split('`').skip(1).step_by(2);
    let near = names.next().and_then(|wrong| {
        names
            .map(|name| (distance(wrong, name), name))
            .filter(|(far, _)| *far <= 2)
            .min()
    });
    match near {
        Some((_, name)) if problem.starts_with("unknown") => format!("did you mean `{name}`?"),
        _ => EXAMPLE.to_owned(),
    }
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
