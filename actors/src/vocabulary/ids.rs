//! Identities. A [`Name`] is the only text that may become part of a path or a stream's id, so it is
//! checked once, here, and nowhere else.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use uuid::Uuid;

/// A message's place in the order of all messages, from 1. The cursor of every subscriber.
pub type Position = i64;

/// How many events a stream has.
pub type Version = i64;

/// A checked identifier: 1 to 128 characters of `A–Z a–z 0–9 . _ -`, not beginning with `.` or `-`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(Arc<str>);

/// Why a text is not a [`Name`].
#[derive(Debug, Clone, thiserror::Error)]
#[error(
    "{0:?} is not a valid id: use 1 to 128 characters of A-Z a-z 0-9 . _ - and begin with a letter, digit or _"
)]
pub struct InvalidName(String);

impl Name {
    const MAX: usize = 128;

    /// A fresh name: a time-ordered UUID (version 7).
    pub fn fresh() -> Self {
        Self::of(Uuid::now_v7())
    }

    /// The name that belongs to these parts and to no others: a hashed UUID (version 8).
    pub fn derived(parts: &[&str]) -> Self {
        Self::of(derived_uuid(parts))
    }

    fn of(uuid: Uuid) -> Self {
        Self(uuid.hyphenated().to_string().into())
    }

    /// The name as text, safe in a path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn is_valid(text: &str) -> bool {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        (1..=Self::MAX).contains(&text.len())
            && text.bytes().all(allowed)
            && !text.starts_with(['.', '-'])
    }
}

impl TryFrom<String> for Name {
    type Error = InvalidName;
    fn try_from(text: String) -> Result<Self, InvalidName> {
        if Self::is_valid(&text) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidName(text.chars().take(200).collect()))
        }
    }
}

impl FromStr for Name {
    type Err = InvalidName;
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        Self::try_from(text.to_owned())
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0.as_ref().to_owned()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A newtype over [`Name`] for one kind of thing, so that ids of different kinds cannot be mixed up.
macro_rules! id {
    ($(#[$doc:meta])* $id:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $id(pub Name);

        impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// Names a process.
    ProcessId
);
id!(
    /// Names a session: one conversation, one JSONL file.
    SessionId
);
id!(
    /// Names an agent.
    AgentId
);
id!(
    /// Names a workflow.
    WorkflowId
);
id!(
    /// Names a node of a workflow while it runs, and afterwards.
    NodeId
);
id!(
    /// Names a schedule.
    ScheduleId
);

/// A stream: one entity's line of facts, written `kind/name`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamId {
    /// Which machine's streams these are; never changes once stored.
    pub kind: &'static str,
    /// Which one of them.
    pub name: Name,
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}

impl fmt::Debug for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A command's identity, brought by its caller: telling it again gives the first receipt.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(pub Uuid);

impl MessageId {
    /// A fresh, time-ordered id.
    pub fn fresh() -> Self {
        Self(Uuid::now_v7())
    }

    /// The id that belongs to these parts: whoever derives it again gets the same.
    pub fn derived(parts: &[&str]) -> Self {
        Self(derived_uuid(parts))
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// Names one piece of outside work in its stream, e.g. `attempt/2`. Used once in a stream's life.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EffectKey(pub String);

impl EffectKey {
    /// The key `kind/number`.
    pub fn numbered(kind: &str, number: u32) -> Self {
        Self(format!("{kind}/{number}"))
    }
}

impl From<&str> for EffectKey {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for EffectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A version 8 UUID (RFC 9562) from the SHA-256 of the parts, each preceded by its length so that
/// no two lists of parts can run together.
pub fn derived_uuid(parts: &[&str]) -> Uuid {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    let digest = hasher.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Uuid::new_v8(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_from_outside_cannot_leave_its_folder() {
        for bad in ["", ".", "..", "a/b", "../x", "-rf", "a b", "é", "a\0", &"x".repeat(129)] {
            assert!(bad.parse::<Name>().is_err(), "{bad:?} was accepted");
        }
        for good in ["a", "proc_1", "0191.x-Y", &"x".repeat(128)] {
            assert!(good.parse::<Name>().is_ok(), "{good:?} was refused");
        }
    }

    #[test]
    fn derived_ids_depend_on_every_part_and_on_where_parts_end() {
        assert_eq!(Name::derived(&["a", "b"]), Name::derived(&["a", "b"]));
        assert_ne!(Name::derived(&["a", "b"]), Name::derived(&["ab", ""]));
        assert_ne!(Name::derived(&["a", "b"]), Name::derived(&["a", "c"]));
    }
}
