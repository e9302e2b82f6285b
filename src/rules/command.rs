//! [`Line`]: a program and its arguments, as somebody wants to run it; and [`Allowed`], one that may be run.
//!
//! Written it is one line, split at blanks, no shell: `cargo test --offline`. In an argument `*` stands for any letters,
//! and `**` as the last one for any further arguments. The program itself has no stars: it is looked for in the folders
//! of the system, or of the rules, never in the workspace, unless it is written with a slash.

use globset::{GlobBuilder, GlobMatcher};
use std::fmt;

/// A program and its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Which program.
    pub program: String,
    /// With which arguments.
    pub arguments: Vec<String>,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.program)?;
        self.arguments.iter().try_for_each(|argument| {
            if argument.is_empty() || argument.contains(char::is_whitespace) {
                write!(f, " {argument:?}")
            } else {
                write!(f, " {argument}")
            }
        })
    }
}

/// One that may be run.
#[derive(Debug, Clone)]
pub struct Allowed {
    written: String,
    program: String,
    arguments: Vec<GlobMatcher>,
    any_further: bool,
    /// Whether it may open sockets.
    pub network: bool,
    /// How long it may run; `None`: as long as its caller says.
    pub timeout_s: Option<u32>,
}

impl Allowed {
    /// Reads a line.
    pub(super) fn new(
        written: &str,
        network: bool,
        timeout_s: Option<u32>,
    ) -> Result<Self, String> {
        let mut words = written.split_whitespace();
        let program = words.next().unwrap_or_default().to_owned();
        if program.is_empty() || program.contains(['*', '?', '[', '{']) {
            return Err(format!("`{written}` names no program: write it first, without stars"));
        }
        let mut words: Vec<&str> = words.collect();
        let any_further = words.last() == Some(&"**");
        if any_further {
            words.pop();
        }
        if words.contains(&"**") {
            return Err(format!("`{written}`: ** stands at the end only"));
        }
        let arguments = words.into_iter().map(glob).collect::<Result<_, _>>()?;
        Ok(Self {
            written: written.to_owned(),
            program,
            arguments,
            any_further,
            network,
            timeout_s,
        })
    }

    /// Whether it is this one.
    pub(super) fn fits(&self, line: &Line) -> bool {
        let (given, wanted) = (&line.arguments, &self.arguments);
        let is_enough = if self.any_further {
            given.len() >= wanted.len()
        } else {
            given.len() == wanted.len()
        };
        self.program == line.program
            && is_enough
            && wanted.iter().zip(given).all(|(glob, argument)| glob.is_match(argument))
    }

    /// As it was written.
    pub fn written(&self) -> &str {
        &self.written
    }
}

fn glob(word: &str) -> Result<GlobMatcher, String> {
    // Only the star is one: brackets and the like are letters of arguments.
    let mut escaped = String::new();
    for letter in word.chars() {
        match letter {
            '?' | '[' | ']' | '{' | '}' => escaped.extend(['[', letter, ']']),
            letter => escaped.push(letter),
        }
    }
    let built = GlobBuilder::new(&escaped).literal_separator(false).backslash_escape(false).build();
    built.map(|glob| glob.compile_matcher()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(written: &str, line: &str) -> bool {
        let mut words = line.split(' ').map(str::to_owned);
        let program = words.next().unwrap();
        let line = Line { program, arguments: words.collect() };
        Allowed::new(written, false, None).unwrap().fits(&line)
    }

    #[test]
    fn a_line_is_allowed_word_by_word() {
        assert!(fits("cargo test --offline", "cargo test --offline"));
        assert!(fits("go test ./...", "go test ./..."), "dots are letters");
        assert!(fits("pytest **", "pytest") && fits("pytest **", "pytest -k a tests"));
        assert!(fits("npm run test:*", "npm run test:unit"));
        for (written, line) in [
            ("cargo test --offline", "cargo test"),
            ("cargo test --offline", "cargo test --offline --config x"),
            ("cargo test", "cargo run"),
            ("cargo test", "/tmp/cargo test"),
            ("pytest", "./pytest"),
            ("npm run test:*", "npm run build"),
            ("go test ./...", "go test ./x.."),
        ] {
            assert!(!fits(written, line), "{written}: {line}");
        }
        for bad in ["", "* x", "a ** b", "{a,b} c"] {
            assert!(Allowed::new(bad, false, None).is_err(), "{bad:?}");
        }
    }
}
