//! What is remembered: a text, what is known about it, and when it came.

use crate::error::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// What is known about an item, as JSON.
pub type Metadata = Map<String, Value>;

/// The largest metadata that is taken, as JSON: all of it is held in memory, for filters.
pub const MOST_METADATA_BYTES: usize = 64 * 1024;

/// The largest text that is taken. Whoever has more cuts it into pieces: no model embeds as much.
pub const MOST_TEXT_BYTES: usize = 4 * 1024 * 1024;

/// Something to remember.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Its name, from the caller. Storing the same again under it changes nothing.
    pub id: String,
    /// What sort of thing it is, such as `research`, `design`, `review`. A filter knows it as `$kind`.
    #[serde(default)]
    pub kind: String,
    /// What is searched by words, and embedded.
    pub text: String,
    /// What filters look at.
    #[serde(default)]
    pub metadata: Metadata,
    /// Milliseconds since 1970, from the caller. A filter knows it as `$created_at`.
    pub created_at: i64,
}

impl Item {
    /// Refuses what could not be found again, or would not fit into memory.
    pub(crate) fn check(&self) -> Result<()> {
        let refuse = |what: String| Err(Error::Item { id: self.id.clone(), what });
        if self.id.is_empty() || self.id.len() > 512 {
            return refuse(format!("an id has 1 to 512 bytes, this has {}", self.id.len()));
        }
        if self.text.len() > MOST_TEXT_BYTES {
            return refuse(format!(
                "its text has {} bytes, at most {MOST_TEXT_BYTES} are possible: cut it into pieces",
                self.text.len()
            ));
        }
        let metadata = self.metadata_text().len();
        if metadata > MOST_METADATA_BYTES {
            return refuse(format!(
                "its metadata has {metadata} bytes, at most {MOST_METADATA_BYTES} are possible: \
                 what is not filtered by belongs into the text"
            ));
        }
        Ok(())
    }

    /// The metadata as it is stored.
    pub(crate) fn metadata_text(&self) -> String {
        serde_json::to_string(&self.metadata).expect("a map with text keys is JSON")
    }

    /// Whether both say the same. When it came first is not part of what it says: a retry comes later.
    pub(crate) fn says_the_same(&self, other: &Self) -> bool {
        self.kind == other.kind && self.text == other.text && self.metadata == other.metadata
    }
}

/// What storing an item came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stored {
    /// There was none with this id.
    New,
    /// It was there already, word for word: nothing was written.
    Same,
    /// There was another with this id, which is forgotten now; or it has got a vector, or another one.
    Changed,
}

/// A name made of content: 32 hexadecimal digits, the same for the same JSON.
pub(crate) fn short_hash(content: &Value) -> String {
    let digest = Sha256::digest(content.to_string());
    digest.iter().take(16).fold(String::with_capacity(32), |mut hex, byte| {
        // Writing into a text cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
