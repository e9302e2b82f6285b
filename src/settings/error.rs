//! A wrong setting: where it was made, what is wrong with it, and what to do.

use std::fmt;
use std::path::PathBuf;

/// Why settings could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file that has to be there cannot be read.
    #[error("failed to read settings from {path}: {source}; name another file or make this one readable", path = .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The working directory, to which paths are relative, is gone or closed to us.
    #[error("failed to find the working directory: {source}; start from a folder that exists")]
    Nowhere {
        /// What the system said.
        source: std::io::Error,
    },
    /// A setting is unknown, of the wrong type, or does not go with the others.
    #[error("{place}: {message}{}", .hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default())]
    Wrong {
        /// Where it was set.
        place: Place,
        /// What is wrong.
        message: String,
        /// What was probably meant, or what to do.
        hint: Option<String>,
    },
}

impl Error {
    /// Whether it is blamed on this setting, as it was made while a server ran.
    pub fn is_about(&self, key: &super::key::Key) -> bool {
        let Self::Wrong { place: Place::Stored(name), .. } = self else { return false };
        *name == key.to_string()
    }
}

/// Where a setting was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a file.
    File {
        /// The file.
        path: PathBuf,
        /// Its line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
    },
    /// In a variable of the environment or a flag of the command line, by its name.
    Variable(String),
    /// While a server ran, by its key.
    Stored(String),
    /// Nowhere: a default, named by its path.
    Default(String),
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line, column } => {
                write!(formatter, "{}:{line}:{column}", path.display())
            }
            Self::Variable(name) | Self::Stored(name) => formatter.write_str(name),
            Self::Default(path) => write!(formatter, "default of {path}"),
        }
    }
}

/// Something wrong with a setting that is known by its path; its place is looked up afterwards.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) path: Vec<String>,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl Problem {
    pub(super) fn new(path: &[&str], message: impl Into<String>) -> Self {
        let path = path.iter().map(|&segment| segment.to_owned()).collect();
        Self { path, message: message.into(), hint: None }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(super) fn at(self, place: Place) -> Error {
        Error::Wrong { place, message: self.message, hint: self.hint }
    }
}
