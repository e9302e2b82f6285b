//! [`Profile`]: what agents of a kind have in common. Where profiles are written is not known here.

use crate::vocabulary::Fallback;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// What agents of a kind have in common.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// The part that it plays, in a few words.
    pub role: String,
    /// The model that its processes ask; `None`: the configured default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The runtime of its processes; `None`: the configured default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// Who else is asked, one after the other.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fallbacks: Vec<Fallback>,
    /// Its standing instructions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_prompt: Option<String>,
    /// What it can do.
    pub capabilities: Vec<String>,
    /// What it may do, for rules to read.
    pub permissions: Map<String, Value>,
}

/// All profiles, by name.
pub type Profiles = BTreeMap<String, Profile>;
