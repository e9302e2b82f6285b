//! Topics and the patterns that match them.
//!
//! A topic is dot-separated. Patterns are NATS's: `*` stands for one level, `>` at the end for one or
//! more. A pattern with a `%` is an SQL `LIKE` pattern, as the older clients use them.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// Where a message is published, e.g. `claude.spawn.started`. Machines name theirs below the root
/// (`spawn.started`); the journal puts the configured root in front.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Topic(Cow<'static, str>);

impl Topic {
    /// A topic known when the program was written, below the root.
    pub const fn of(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// A topic with a part that is known only now: names, which hold no dots of their own, below a fixed beginning.
    pub fn below(beginning: &'static str, names: &[&str]) -> Self {
        let names = names.iter().map(|name| name.replace('.', "_"));
        Self(Cow::Owned(
            std::iter::once(beginning.to_owned()).chain(names).collect::<Vec<_>>().join("."),
        ))
    }

    /// The topic below `root`.
    pub fn under(&self, root: &str) -> String {
        format!("{root}.{}", self.0)
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is no topic or pattern.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{text:?} is not a valid topic pattern: {why}")]
pub struct InvalidTopic {
    text: String,
    why: &'static str,
}

/// Which topics a subscriber wants.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pattern {
    text: String,
    form: Form,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Form {
    Levels(Vec<Level>),
    Like,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Level {
    Exactly(String),
    Any,
    Rest,
}

impl Pattern {
    const MAX: usize = 256;

    /// Whether a topic is among those that this pattern stands for.
    pub fn matches(&self, topic: &str) -> bool {
        match &self.form {
            Form::Like => like(self.text.as_bytes(), topic.as_bytes()),
            Form::Levels(levels) => levels_match(levels, topic),
        }
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for Pattern {
    type Err = InvalidTopic;
    fn from_str(text: &str) -> Result<Self, InvalidTopic> {
        let invalid = |why| InvalidTopic { text: text.chars().take(200).collect(), why };
        if text.is_empty() || text.len() > Self::MAX {
            return Err(invalid("it has to have 1 to 256 characters"));
        }
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(invalid("white space is not allowed"));
        }
        let form = if text.contains('%') {
            Form::Like
        } else {
            Form::Levels(levels(text).map_err(invalid)?)
        };
        Ok(Self { text: text.to_owned(), form })
    }
}

fn levels(text: &str) -> Result<Vec<Level>, &'static str> {
    let parts: Vec<&str> = text.split('.').collect();
    let last = parts.len() - 1;
    parts.iter().enumerate().map(|(at, part)| level(part, at == last)).collect()
}

fn level(part: &str, is_last: bool) -> Result<Level, &'static str> {
    match part {
        "" => Err("a level is empty"),
        "*" => Ok(Level::Any),
        ">" if is_last => Ok(Level::Rest),
        ">" => Err("`>` can only stand at the end"),
        part if part.contains(['*', '>']) => Err("`*` and `>` have to stand alone in their level"),
        part => Ok(Level::Exactly(part.to_owned())),
    }
}

fn levels_match(levels: &[Level], topic: &str) -> bool {
    let mut parts = topic.split('.');
    for level in levels {
        let part = parts.next();
        match (level, part) {
            (_, None) => return false,
            (Level::Rest, Some(_)) => return true,
            (Level::Exactly(text), Some(part)) if text != part => return false,
            (Level::Exactly(_) | Level::Any, Some(_)) => {}
        }
    }
    parts.next().is_none()
}

/// SQL's `LIKE` without escapes: `%` any run, `_` any one byte. Linear in time but for the product of
/// both lengths in the worst case, which their limits keep small.
fn like(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'%') => {
                retry = Some((p + 1, t));
                p += 1;
            }
            Some(&c) if c == b'_' || c.eq_ignore_ascii_case(&text[t]) => {
                p += 1;
                t += 1;
            }
            _ => match &mut retry {
                Some((after, from)) => {
                    *from += 1;
                    (p, t) = (*after, *from);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&c| c == b'%')
}

/// Several patterns, any of which may match. Empty means: everything.
#[derive(Clone, Debug, Default)]
pub struct Patterns(Vec<Pattern>);

impl Patterns {
    /// Reads each of the texts as a pattern.
    pub fn parse<T: AsRef<str>>(texts: &[T]) -> Result<Self, InvalidTopic> {
        texts.iter().map(|text| text.as_ref().parse()).collect::<Result<_, _>>().map(Self)
    }

    /// Whether one of them matches.
    pub fn matches(&self, topic: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|pattern| pattern.matches(topic))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, topic: &str) -> bool {
        pattern.parse::<Pattern>().unwrap().matches(topic)
    }

    #[test]
    fn a_star_is_one_level_and_an_arrow_the_rest() {
        assert!(matches("claude.spawn.*", "claude.spawn.started"));
        assert!(!matches("claude.spawn.*", "claude.spawn"));
        assert!(!matches("claude.spawn.*", "claude.spawn.a.b"));
        assert!(matches("claude.>", "claude.spawn.a.b"));
        assert!(!matches("claude.>", "claude"));
        assert!(matches(">", "claude"));
        assert!(matches("*.spawn.started", "x.spawn.started"));
    }

    #[test]
    fn a_percent_makes_it_an_sql_like_pattern() {
        assert!(matches("claude.spawn.%", "claude.spawn.started"));
        assert!(matches("%started", "claude.spawn.started"));
        assert!(matches("claude.%.started", "claude.spawn.x.started"));
        assert!(!matches("claude.%.started", "claude.spawn.failed"));
        assert!(matches("%", ""));
    }

    #[test]
    fn what_cannot_match_anything_is_refused() {
        for bad in ["", "a..b", "a.>.b", "a.b*", "a b", ".", &"x".repeat(300)] {
            assert!(bad.parse::<Pattern>().is_err(), "{bad:?} was accepted");
        }
    }
}
