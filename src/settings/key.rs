//! [`Key`]: the dotted name of a setting, as in `processes.default_model`.
//!
//! Written as TOML writes dotted keys: a name that holds a dot stands in quotes, as in
//! `models.prices."gpt-4.1".input`.

use std::fmt;

use serde::{Serialize, Serializer};
use toml::de::{DeTable, DeValue};

use super::error::{Error, Place};

/// The name of a setting, by its sections.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key(pub(super) Vec<String>);

impl Key {
    /// Reads a dotted name.
    ///
    /// # Errors
    /// [`Error::Wrong`] for a text that is no name.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let refuse = || Error::Wrong {
            place: Place::Stored(text.to_owned()),
            message: "this is no name of a setting".to_owned(),
            hint: Some("write it like processes.default_model".to_owned()),
        };
        if text.contains(['=', '\n', '#', '[']) {
            return Err(refuse());
        }
        let line = format!("{text} = 0");
        let table = DeTable::parse(&line).map_err(|_| refuse())?;
        let mut segments = Vec::new();
        let mut inner = table.get_ref();
        loop {
            let (key, value) = inner.iter().next().ok_or_else(refuse)?;
            segments.push(key.get_ref().to_string());
            match value.get_ref() {
                DeValue::Table(next) => inner = next,
                _ => return Ok(Self(segments)),
            }
        }
    }

    /// Its sections and its name.
    pub fn segments(&self) -> &[String] {
        &self.0
    }

    /// What stands deeper inside.
    pub(super) fn below(&self, path: &[String]) -> Self {
        Self([self.0.as_slice(), path].concat())
    }

    /// Whether the first words are these.
    pub(super) fn is_under(&self, section: &[&str]) -> bool {
        self.0.len() >= section.len() && self.0.iter().zip(section).all(|(have, want)| have == want)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_bare = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
        for (index, segment) in self.0.iter().enumerate() {
            let dot = if index == 0 { "" } else { "." };
            if !segment.is_empty() && segment.chars().all(is_bare) {
                write!(formatter, "{dot}{segment}")?;
            } else {
                write!(formatter, "{dot}{segment:?}")?;
            }
        }
        Ok(())
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_dot_stands_in_quotes_and_comes_back_so() {
        for text in ["home", "processes.default_model", "models.prices.\"gpt-4.1\".input"] {
            assert_eq!(Key::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Key::parse("models.prices.\"a.b\"").unwrap().0, ["models", "prices", "a.b"]);
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in ["", ".", "a.", "a b", "a = 1\nb", "a=1", "[a]", "a #", "a\"b"] {
            let message = Key::parse(text).unwrap_err().to_string();
            assert!(message.contains("no name of a setting"), "{message}");
        }
    }
}
