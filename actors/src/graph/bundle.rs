//! [`Bundle`]: a definition with all it uses. Its hash is what an instance is pinned to.

use super::definition::Definition;
use crate::vocabulary::Fallback;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A definition with all it uses: an instance that began with it ends with it, whatever is changed meanwhile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bundle {
    /// The name of the definition that is run.
    pub root: String,
    /// It, and those of its subgraphs, however deep.
    pub definitions: BTreeMap<String, Definition>,
    /// The profiles that its agents may have.
    pub profiles: BTreeMap<String, Pinned>,
}

/// What of a profile decides what an agent does.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Pinned {
    /// Its standing instructions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Its runtime.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// Its model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Who else is asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fallbacks: Vec<Fallback>,
}

impl Bundle {
    /// One of its definitions; one that was checked has all that it names.
    pub fn definition(&self, name: &str) -> Option<&Definition> {
        self.definitions.get(name)
    }
}
