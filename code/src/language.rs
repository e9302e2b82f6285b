//! The languages that are understood, and how a file's name tells them.
//!
//! TSX is a language of its own: its grammar reads `<T>x` as an element, TypeScript's as a cast. Names and
//! extensions are those of GitHub's Linguist. What a file is, is not guessed from its content.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// A language whose grammar is built in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Python 3.
    Python,
    /// JavaScript, JSX included.
    JavaScript,
    /// TypeScript.
    TypeScript,
    /// TypeScript with JSX.
    Tsx,
    /// Go.
    Go,
    /// Rust.
    Rust,
}

impl Language {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 6] =
        [Self::Python, Self::JavaScript, Self::TypeScript, Self::Tsx, Self::Go, Self::Rust];

    /// The language of a file by its extension; `None` where it is unknown.
    pub fn of(path: impl AsRef<Path>) -> Option<Self> {
        let extension = path.as_ref().extension()?.to_str()?;
        Self::ALL.into_iter().find(|language| {
            language.extensions().iter().any(|own| own.eq_ignore_ascii_case(extension))
        })
    }

    /// The language of that name, as people and models write it (`py`, `golang`, `TypeScript`), in any case.
    pub fn named(name: &str) -> Option<Self> {
        let is = |own: &&str| own.eq_ignore_ascii_case(name.trim());
        Self::ALL.into_iter().find(|language| {
            is(&language.name()) || language.aliases().iter().chain(language.extensions()).any(is)
        })
    }

    /// Its name, lowercase, as it is serialised.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::JavaScript => "javascript",
            Self::TypeScript => "typescript",
            Self::Tsx => "tsx",
            Self::Go => "go",
            Self::Rust => "rust",
        }
    }

    /// The extensions of its files, without the dot.
    pub const fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Python => &["py", "pyi", "pyw"],
            Self::JavaScript => &["js", "mjs", "cjs", "jsx"],
            Self::TypeScript => &["ts", "mts", "cts"],
            Self::Tsx => &["tsx"],
            Self::Go => &["go"],
            Self::Rust => &["rs"],
        }
    }

    /// What stands between a container's name and a symbol's: `Point::new`, `Point.new`.
    pub const fn separator(self) -> &'static str {
        match self {
            Self::Rust => "::",
            _ => ".",
        }
    }

    const fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::Python => &["python3"],
            Self::JavaScript => &["node", "ecmascript"],
            Self::Go => &["golang"],
            Self::TypeScript | Self::Tsx | Self::Rust => &[],
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_known_by_extension_and_by_name() {
        assert_eq!(Language::of("src/App.TSX"), Some(Language::Tsx));
        assert_eq!(Language::of("a.b/main.rs"), Some(Language::Rust));
        assert_eq!(Language::of("types.d.ts"), Some(Language::TypeScript));
        assert_eq!(
            [Language::of("Makefile"), Language::of(".py"), Language::of("a.java")],
            [None; 3]
        );
        assert_eq!(Language::named(" Golang "), Some(Language::Go));
        assert_eq!(Language::named("py"), Some(Language::Python));
        assert_eq!(Language::named("cobol"), None);
    }

    #[test]
    fn every_language_is_found_by_each_of_its_names() {
        for language in Language::ALL {
            assert_eq!(Language::named(&language.to_string()), Some(language));
            assert_eq!(serde_json::to_value(language).unwrap(), language.name());
            for extension in language.extensions() {
                assert_eq!(Language::of(format!("x.{extension}")), Some(language));
            }
        }
    }
}
