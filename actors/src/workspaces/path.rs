//! [`FilePath`]: a path within a workspace, as somebody wrote it: looked at before the file system is.

use super::trouble::Trouble;
use std::fmt;

/// So long may a path be, in bytes.
const LONGEST: usize = 1_024;

/// So long may a name in it be, in bytes; what is put beside a file for a moment has a longer one.
const LONGEST_NAME: usize = 200;

/// What we put beside a file for a moment begins so.
pub(super) const TEMPORARY: &str = ".callboard-tmp-";

/// A path within a workspace: relative, of plain names. Where it leads, links taken into account, is another question.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FilePath(Vec<String>);

impl FilePath {
    /// The workspace itself.
    pub fn top() -> Self {
        Self(Vec::new())
    }

    /// The path of a file.
    ///
    /// # Errors
    /// If it is empty, absolute, leads upwards, or has names that are none.
    pub fn of_file(text: &str) -> Result<Self, Trouble> {
        let path = Self::read(text)?;
        if path.0.is_empty() || text.ends_with('/') {
            return Err(Trouble::refused(format!(
                "{text:?} names no file: write a path like src/main.py"
            )));
        }
        Ok(path)
    }

    /// The path of a file or a folder; `.` and nothing are the workspace itself.
    ///
    /// # Errors
    /// As [`FilePath::of_file`], but for the empty one.
    pub fn read(text: &str) -> Result<Self, Trouble> {
        let refuse = |why: &str| Err(Trouble::refused(format!("{:?}: {why}", short(text))));
        if text.len() > LONGEST {
            return refuse("a path may have at most 1,024 bytes");
        }
        if text.chars().any(char::is_control) {
            return refuse("a path has no control characters in it");
        }
        if text.starts_with('/') {
            return refuse("paths are relative to the workspace: leave out the leading /");
        }
        let mut names = Vec::new();
        for name in text.split('/').filter(|name| !matches!(*name, "" | ".")) {
            match name {
                ".." => return refuse("a path may not lead upwards with .."),
                name if name.len() > LONGEST_NAME => {
                    return refuse("a name in a path may have at most 200 bytes");
                }
                name if is_temporary(name) => {
                    return refuse("names that begin with .callboard-tmp- are Callboard's own");
                }
                name => names.push(name.to_owned()),
            }
        }
        Ok(Self(names))
    }

    /// What has this name in the folder that it leads to.
    pub fn below(&self, name: &str) -> Self {
        Self(self.0.iter().cloned().chain([name.to_owned()]).collect())
    }

    /// The folders above it, the workspace itself first.
    pub fn ancestors(&self) -> impl Iterator<Item = Self> {
        (0..self.0.len()).map(|count| Self(self.0[..count].to_vec()))
    }

    /// Its names.
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.write_str(".") } else { f.write_str(&self.0.join("/")) }
    }
}

/// Whether we put it there for a moment.
pub(super) fn is_temporary(name: &str) -> bool {
    let begin = name.get(..TEMPORARY.len());
    begin.is_some_and(|begin| begin.eq_ignore_ascii_case(TEMPORARY))
}

fn short(text: &str) -> String {
    text.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_and_of_plain_names() {
        for good in ["a", "a/b.py", "./a", "a//b", "ä/ö", "-rf", "a b", "..."] {
            assert!(FilePath::of_file(good).is_ok(), "{good:?}");
        }
        let long = "x".repeat(201);
        let deep = "a/".repeat(600) + "a";
        let bad = [
            "",
            ".",
            "/",
            "/etc/passwd",
            "..",
            "../x",
            "a/../../x",
            "a/..",
            "a/",
            "a\0b",
            "a\nb",
            "\u{1b}[2J",
        ];
        for bad in bad.into_iter().chain([".callboard-tmp-x", "a/.CALLBOARD-TMP-1", &long, &deep]) {
            assert!(FilePath::of_file(bad).is_err(), "{bad:?}");
        }
        assert_eq!(FilePath::read("./a//b/.").unwrap().to_string(), "a/b");
        assert_eq!(FilePath::read("").unwrap().to_string(), ".");
    }
}
