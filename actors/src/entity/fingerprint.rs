//! [`Fingerprint`]: what of a command has to be the same when it is told again under its id.
//!
//! It is stored, where a command's content is not: so it is a part of the stored format, and no hasher will do that
//! another compiler may change.

use super::facts::json;
use crate::machine::tagged::Tagged;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use sha2::{Digest, Sha256};

/// Of a command's variant and content: the first 64 bits of their SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprint(u64);

/// What stands in place of a command's content where its events say all of it.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Brief {
    /// Its fingerprint: told again, it has to be known for the same.
    said_by_events: Fingerprint,
}

impl Fingerprint {
    /// Of a command as it was told.
    pub(super) fn of(event_type: &str, data: &str) -> Self {
        let digest = Sha256::new().chain_update(event_type).chain_update([0]).chain_update(data);
        let digest = digest.finalize();
        Self(digest.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }

    /// Of a command as it stands in the journal: told whole, or in brief.
    pub(super) fn of_stored(event_type: &str, data: &str) -> Self {
        match serde_json::from_str(data) {
            Ok(Brief { said_by_events }) => said_by_events,
            Err(_) => Self::of(event_type, data),
        }
    }

    /// The command in brief.
    pub(super) fn brief(self, event_type: String) -> Tagged {
        Tagged { event_type, data: json(&Brief { said_by_events: self }) }
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:016x}", self.0))
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        u64::from_str_radix(&text, 16).map(Self).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_in_brief_is_known_for_what_was_told() {
        let told = Fingerprint::of("RING", r#"{"times":3}"#);
        let brief = told.brief("RING".into());
        assert_eq!(brief.data.get(), r#"{"said_by_events":"ecd473cc4485a0ec"}"#);
        assert_eq!(Fingerprint::of_stored("RING", brief.data.get()), told);
        assert_eq!(Fingerprint::of_stored("RING", r#"{"times":3}"#), told);
        assert_ne!(Fingerprint::of_stored("RING", r#"{"times":4}"#), told);
        assert_ne!(Fingerprint::of("RIN", r#"G{"times":3}"#), told);
    }
}
