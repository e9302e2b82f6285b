//! References: a message names large content by its hash instead of carrying it. [`Durable`] says in
//! types that the content was safe on disk before anything named it (law 5).

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::io;
use std::ops::Deref;

/// The SHA-256 of some content, in lower-case hex: what `sha256sum` prints.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hash(String);

impl Hash {
    /// The hash of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self::of_digest(&Sha256::digest(bytes))
    }

    /// The hash of all that can be read here, and how many bytes that is.
    pub fn of_reader(mut reader: impl io::Read) -> io::Result<(Self, u64)> {
        let (mut hash, mut bytes, mut piece) = (Sha256::new(), 0, vec![0; 64 << 10]);
        loop {
            let read = reader.read(&mut piece)?;
            if read == 0 {
                return Ok((Self::of_digest(&hash.finalize()), bytes));
            }
            hash.update(&piece[..read]);
            bytes += read as u64;
        }
    }

    fn of_digest(digest: &[u8]) -> Self {
        use fmt::Write;
        let mut hex = String::with_capacity(64);
        for byte in digest {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
        }
        Self(hex)
    }

    /// A hash that was written down as text.
    pub(crate) fn known(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// As text, safe in a path.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Stands in a message for content that lies in a file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reference {
    /// What the content is, wherever it lies.
    pub hash: Hash,
    /// How long it is.
    pub bytes: u64,
    /// Where it lay when this was written, relative to the home.
    pub file: String,
    /// Which line of the file, from 1, where the file holds many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
}

/// Says that what it wraps is safe on disk: written, synced, renamed into place, its folder synced.
///
/// It comes from the journal's file store, after that last sync, or out of a row that was committed
/// with it (deserialising): there is no third way.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Durable<T>(T);

impl<T> Durable<T> {
    pub(crate) fn vouched(value: T) -> Self {
        Self(value)
    }

    /// What was made durable.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Durable<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}
