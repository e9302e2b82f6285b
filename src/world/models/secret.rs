//! A string that does not show itself.
//!
//! It guards against the log line and the error message, not against a reader of our memory: it
//! is not wiped when dropped.

use std::fmt;

use serde::Deserialize;

/// Shorter ones are not looked for in text: they are no real keys and would mask ordinary words.
const SHORTEST: usize = 8;

/// What stands in place of a secret wherever text is made.
const MASK: &str = "[secret]";

/// An API key. It has no `Display` and no `Serialize`, and its `Debug` is a mask.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret; white space around it is an accident of copying and goes.
    pub fn new(text: impl AsRef<str>) -> Self {
        Self(text.as_ref().trim().to_owned())
    }

    /// The secret itself, for the one place that sends it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to keep secret: an empty key is no key.
    pub fn is_empty(&self) -> bool {
        self.0.trim().is_empty()
    }

    /// `text` with every occurrence of the secret masked.
    pub fn redact(&self, text: &str) -> String {
        if self.0.len() < SHORTEST { text.to_owned() } else { text.replace(self.reveal(), MASK) }
    }
}

/// Writes a secret out, for the one place that needs it so: the pipe to a shim.
pub(super) mod over_a_pipe {
    use super::Secret;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde wants it so")]
    pub(in crate::world::models) fn serialize<S: Serializer>(
        secret: &Option<Secret>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        secret.as_ref().map(Secret::reveal).serialize(serializer)
    }

    pub(in crate::world::models) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Secret>, D::Error> {
        Option::deserialize(deserializer)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_shows_itself_only_when_asked() {
        let secret = Secret::new(" sk-ant-123\n");
        assert_eq!(secret.reveal(), "sk-ant-123");
        assert_eq!(format!("{secret:?}"), "[secret]");
        assert_eq!(secret.redact("key sk-ant-123 is bad"), "key [secret] is bad");
    }

    #[test]
    fn a_secret_too_short_to_be_one_masks_nothing() {
        assert_eq!(Secret::new("  ").redact("as it was"), "as it was");
        assert_eq!(Secret::new("a").redact("as it was"), "as it was");
    }
}
