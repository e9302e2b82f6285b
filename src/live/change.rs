//! What is asked of the settings in force, what is shown of them, and why a change may be refused.

use super::keyring::KeyringError;
use crate::settings::{Entry, Error, Key, Loaded, Source, TakesEffect};
use callboard_actors::journal::{Fault, SettingRow};
use callboard_actors::vocabulary::{Hash, Position, Timestamp};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// What a setting is to be.
#[derive(Clone)]
pub struct Given {
    /// Its value.
    pub value: GivenValue,
    /// Why, in the words of whoever sets it.
    pub description: Option<String>,
}

/// A value as it was given.
#[derive(Clone)]
pub enum GivenValue {
    /// A value of JSON, of the type that the setting has.
    Json(Value),
    /// A text, to be read as what the setting needs, as it is done with variables.
    Text(String),
}

/// A setting as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// What it is, and who made it.
    #[serde(flatten)]
    pub entry: Entry,
    /// A variable or a flag that goes over what is set here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overridden_by: Option<String>,
    /// It differs from what the server was started with, and counts with the next start.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pending_restart: bool,
    /// Why it was set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// When it was set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<Timestamp>,
    #[serde(skip)]
    position: Position,
}

impl Shown {
    pub(super) fn of(
        entry: Entry,
        loaded: &Loaded,
        started: &Loaded,
        rows: &BTreeMap<String, SettingRow>,
    ) -> Self {
        let row = rows.get(&entry.key.to_string());
        let former = started.find(&entry.key).map_or(Value::Null, |entry| entry.value);
        let is_late = entry.takes_effect == TakesEffect::Restart && former != entry.value;
        let over = loaded.overridden_by(&entry.key).filter(|_| row.is_some());
        Self {
            overridden_by: over.map(str::to_owned),
            pending_restart: is_late,
            description: row.and_then(|row| row.description.clone()),
            updated_at: row.map(|row| row.updated_at),
            position: row.map_or(0, |row| row.position),
            entry,
        }
    }

    /// A setting that is not there any more.
    pub(super) fn gone(key: Key) -> Self {
        let takes_effect = TakesEffect::of(&key);
        let (value, source, secret) = (Value::Null, Source::Default, false);
        Self {
            entry: Entry { key, value, source, secret, takes_effect },
            overridden_by: None,
            pending_restart: false,
            description: None,
            updated_at: None,
            position: 0,
        }
    }

    /// Changes whenever what is shown does.
    pub fn etag(&self) -> String {
        let text = serde_json::to_string(self).unwrap_or_default();
        let hash = Hash::of(text.as_bytes());
        format!("\"{}-{}\"", self.position, &hash.as_str()[..12])
    }
}

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The value does not fit.
    #[error(transparent)]
    Wrong(Error),
    /// There is no such setting.
    #[error(transparent)]
    Unknown(Error),
    /// It is not set here, so it cannot be unset here.
    #[error(
        "{0}: it is not set here, so it cannot be unset; `callboard config get` says who sets it"
    )]
    NotStored(Key),
    /// Somebody else was first.
    #[error("{key}: it was changed meanwhile (now {found}): look at it again, and decide anew")]
    Stale {
        /// Which setting.
        key: Key,
        /// How it stands now.
        found: String,
    },
    /// The house cannot work with it.
    #[error("{0}")]
    Impossible(String),
    /// A secret could not be sealed.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// A secret that is stored could not be opened.
    #[error("{0}: {1}")]
    Unreadable(String, KeyringError),
    /// The journal could not write.
    #[error(transparent)]
    Fault(Fault),
}
