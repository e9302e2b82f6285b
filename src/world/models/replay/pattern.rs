//! [`Pattern`]: how a prompt begins, with names for the parts that differ from prompt to prompt.
//!
//! `"Debate, opening statement: {topic}\nYou are {name} and"` fits every prompt that begins so, and says what `topic`
//! and `name` are. A name stands for as few characters as will do, and for at least one. No regular expressions: what
//! stands outside of names is meant as it is written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How a prompt begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Pattern {
    written: String,
    /// What stands before the first name.
    begin: String,
    /// Each name, and what stands behind it.
    named: Vec<(String, String)>,
}

impl Pattern {
    /// The names, in their order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.named.iter().map(|(name, _)| name.as_str())
    }

    /// What the names stand for in a prompt that begins so.
    pub(super) fn read(&self, prompt: &str) -> Option<BTreeMap<String, String>> {
        let mut rest = prompt.strip_prefix(self.begin.as_str())?;
        let mut found = BTreeMap::new();
        for (name, behind) in &self.named {
            let first = rest.chars().next()?.len_utf8();
            let end = first + rest[first..].find(behind.as_str())?;
            found.insert(name.clone(), rest[..end].to_owned());
            rest = &rest[end + behind.len()..];
        }
        Some(found)
    }
}

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let (begin, mut rest) = split(&written);
        let (begin, mut named) = (begin.to_owned(), Vec::<(String, String)>::new());
        while let Some((name, behind)) = rest {
            let (text, further) = split(behind);
            if text.is_empty() {
                return Err(format!(
                    "`{{{name}}}` has no end: write behind it what follows in the prompt"
                ));
            }
            if named.iter().any(|(known, _)| known == name) {
                return Err(format!("`{{{name}}}` stands there twice"));
            }
            named.push((name.to_owned(), text.to_owned()));
            rest = further;
        }
        Ok(Self { written, begin, named })
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.written
    }
}

/// What stands before the first `{name}`; the name, and what stands behind it. Other braces are text.
fn split(text: &str) -> (&str, Option<(&str, &str)>) {
    for (at, _) in text.match_indices('{') {
        let inner = &text[at + 1..];
        let end = inner.find(|c: char| !(c.is_ascii_lowercase() || c == '_'));
        if let Some(end) = end.filter(|end| *end > 0 && inner[*end..].starts_with('}')) {
            return (&text[..at], Some((&inner[..end], &inner[end + 1..])));
        }
    }
    (text, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::try_from(text.to_owned()).unwrap()
    }

    fn read(text: &str, prompt: &str) -> Option<Vec<(String, String)>> {
        pattern(text).read(prompt).map(|found| found.into_iter().collect())
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
    }

    #[test]
    fn names_stand_for_what_differs() {
        let text = "Debate: {topic}\nYou are {name}.";
        let found = read(text, "Debate: Is it: so?\nOr not?\nYou are Adä. And so on.");
        assert_eq!(found, Some(pairs(&[("name", "Adä"), ("topic", "Is it: so?\nOr not?")])));
        assert_eq!(read(text, "A Debate: x\nYou are y."), None, "it has to begin so");
        assert_eq!(read(text, "Debate: x\nYou are y"), None, "all of it has to be there");
        assert_eq!(read(text, "Debate: \nYou are y."), None, "a name stands for something");
        assert_eq!(read("Say", "Say hello"), Some(pairs(&[])));
    }

    #[test]
    fn other_braces_are_text() {
        assert_eq!(read("{ {} {X} {topic}}", "{ {} {X} me} too"), Some(pairs(&[("topic", "me")])));
    }

    #[test]
    fn a_name_has_an_end_and_stands_there_once() {
        let error = |text: &str| Pattern::try_from(text.to_owned()).unwrap_err();
        assert!(error("Say {what}").starts_with("`{what}` has no end"));
        assert!(error("{a}{b}.").starts_with("`{a}` has no end"));
        assert_eq!(error("{a}, {a}."), "`{a}` stands there twice");
    }

    #[test]
    fn it_is_written_as_it_was_read() {
        assert_eq!(String::from(pattern("Say {what}!")), "Say {what}!");
    }
}
