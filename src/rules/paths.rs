//! [`Path`]: a path as the rules look at it: from the workspace's folder on, in plain names. What is no such path is
//! nobody's to have.

use std::fmt;

/// What nobody reads or writes, whatever the rules say: what the house itself keeps, and what a repository is made of.
pub const OUR_OWN: [&str; 2] = [".callboard/", ".git/"];

/// A path from the workspace's folder on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(String);

/// Why a text is no path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no path in the workspace: paths are relative, and do not lead upwards")]
pub struct PathError(String);

impl Path {
    /// Reads one; nothing and `.` are the workspace itself.
    ///
    /// # Errors
    /// If it begins elsewhere, leads upwards, or has names that are none.
    pub fn read(text: &str) -> Result<Self, PathError> {
        let mut names = Vec::new();
        let is_odd = text.starts_with('/') || text.chars().any(char::is_control);
        for name in text.split('/').filter(|name| !matches!(*name, "" | ".")) {
            names.push(name);
        }
        if is_odd || names.contains(&"..") {
            return Err(PathError(text.chars().take(200).collect()));
        }
        Ok(Self(names.join("/")))
    }

    /// The same path below a folder.
    #[must_use]
    pub fn below(&self, folder: &str) -> Self {
        match (folder, self.0.as_str()) {
            ("", _) => self.clone(),
            (folder, "") => Self(folder.to_owned()),
            (folder, path) => Self(format!("{folder}/{path}")),
        }
    }

    /// As text, without a slash at its ends; empty: the workspace itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "." } else { &self.0 })
    }
}
