//! [`Pointer`]: a place in a document (RFC 6901), independent of how it was written.

use std::fmt;

/// A place in a document: `/nodes/judge/agent/prompt`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub(in crate::graph) struct Pointer(String);

impl Pointer {
    /// The whole document.
    pub(in crate::graph) fn root() -> Self {
        Self::default()
    }

    /// A member of the object here.
    pub(in crate::graph) fn key(&self, key: &str) -> Self {
        Self(format!("{}/{}", self.0, key.replace('~', "~0").replace('/', "~1")))
    }

    /// An element of the list here.
    pub(in crate::graph) fn index(&self, index: usize) -> Self {
        Self(format!("{}/{index}", self.0))
    }

    /// These members, each in the one before.
    pub(in crate::graph) fn path(&self, keys: &[&str]) -> Self {
        keys.iter().fold(self.clone(), |pointer, key| pointer.key(key))
    }

    /// A place given by a pointer from here.
    pub(in crate::graph) fn join(&self, rest: &str) -> Self {
        Self(format!("{}{rest}", self.0))
    }

    /// What holds it.
    pub(in crate::graph) fn parent(&self) -> Option<Self> {
        self.0.rsplit_once('/').map(|(parent, _)| Self(parent.to_owned()))
    }

    /// Whether it is this place, or a part of it.
    pub(in crate::graph) fn is_below(&self, other: &Self) -> bool {
        let rest = self.0.strip_prefix(&other.0);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Its last part.
    pub(in crate::graph) fn last(&self) -> String {
        let last = self.0.rsplit('/').next().unwrap_or_default();
        last.replace("~1", "/").replace("~0", "~")
    }

    /// Itself, in words: an element of a list is told with its list.
    pub(in crate::graph) fn holder(&self) -> String {
        let (field, last) = (self.field(), self.last());
        if field == last { last } else { format!("{field}.{last}") }
    }

    /// The field that it belongs to: itself, or the list that it is an element of.
    pub(in crate::graph) fn field(&self) -> String {
        let last = self.last();
        let is_index = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
        self.parent().filter(|_| is_index).map_or(last, |parent| parent.last())
    }

    /// As `serde_json` takes it.
    pub(in crate::graph) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
