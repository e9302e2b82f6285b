//! Settings made while the server runs: values by key, read as strictly as those of the file.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize as _;
use toml::Value;

use super::document::Document;
use super::error::{Error, Place};
use super::key::Key;
use super::nearest::{explain, nearest};
use super::secret::{NOT_A_TEXT, masked};
use super::variables::{collect_names, leaves, nest, read_text};

/// What these decide is needed before what they are kept in can be opened.
const NEVER_STORED: [&str; 2] = ["home", "database"];

/// A value that was set. Nothing shows it by accident: it may be a secret.
#[derive(Clone, PartialEq)]
pub struct Setting {
    pub(super) value: Value,
    is_secret: bool,
    /// What may be shown of it.
    shown: serde_json::Value,
}

/// Settings made while the server runs, by key.
pub type Stored = BTreeMap<Key, Setting>;

impl fmt::Debug for Setting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.shown().to_string())
    }
}

impl Setting {
    /// Reads a value of JSON as the value of this setting.
    ///
    /// # Errors
    /// [`Error::Wrong`] for a setting that is unknown, cannot be kept, or of another type.
    pub fn from_json(key: &Key, value: &serde_json::Value) -> Result<Self, Error> {
        let value = Value::deserialize(value).map_err(|_| {
            let hint = "to unset a setting, delete it".to_owned();
            wrong(key, "a setting has no value that is null".to_owned(), Some(hint))
        })?;
        Self::from_value(key, value)
    }

    fn from_value(key: &Key, value: Value) -> Result<Self, Error> {
        check_key(key)?;
        if value.is_table() && key.segments().len() < 3 {
            let hint = format!("set its settings one by one, as in {key}.NAME");
            return Err(wrong(key, "this is a section".to_owned(), Some(hint)));
        }
        Document::deserialize(nest(key.segments(), value.clone()))
            .map_err(|error| refuse(key, error.message()))?;
        Ok(Self::checked(key, value))
    }

    fn checked(key: &Key, value: Value) -> Self {
        let mut shown = serde_json::to_value(&value).unwrap_or_default();
        let is_secret = mask(key, &mut shown);
        Self { value, is_secret, shown }
    }

    /// Reads a text as what the setting needs, as it is done with variables.
    ///
    /// # Errors
    /// As [`Setting::from_json`].
    pub fn from_text(key: &Key, text: &str) -> Result<Self, Error> {
        check_key(key)?;
        if let Some(table) = text.parse::<Value>().ok().filter(Value::is_table) {
            return Self::from_value(key, table);
        }
        let value = read_text(key.segments(), text).map_err(|message| refuse(key, &message))?;
        Ok(Self::checked(key, value))
    }

    /// Whether it is to be kept sealed.
    pub fn is_secret(&self) -> bool {
        self.is_secret
    }

    /// The value as JSON, a secret too: for the place that keeps it.
    pub fn expose(&self) -> String {
        // Tables, lists, texts and numbers: it cannot fail, but for dates, which no setting has.
        serde_json::to_string(&self.value).unwrap_or_default()
    }

    /// The value as it may be shown.
    pub fn shown(&self) -> serde_json::Value {
        self.shown.clone()
    }
}

fn check_key(key: &Key) -> Result<(), Error> {
    if NEVER_STORED.iter().any(|name| key.is_under(&[name])) {
        let message = "this decides where settings are kept, so it cannot be kept there".to_owned();
        let hint = "set it in the file, as a variable, or as a flag".to_owned();
        return Err(wrong(key, message, Some(hint)));
    }
    Ok(())
}

/// Whether a value of this setting holds a secret, perhaps deep inside.
pub(super) fn holds_secret(key: &Key, value: &serde_json::Value) -> bool {
    leaves(value).iter().any(|(path, _)| is_secret(&key.below(path)))
}

/// Masks the secrets in a value of this setting; true if there are any.
fn mask(key: &Key, value: &mut serde_json::Value) -> bool {
    match value {
        serde_json::Value::Object(fields) => {
            let fields = fields.iter_mut();
            fields.fold(false, |found, (name, inner)| {
                mask(&key.below(std::slice::from_ref(name)), inner) || found
            })
        }
        value if is_secret(key) => {
            *value = masked(value.as_str().unwrap_or_default()).into();
            true
        }
        _ => false,
    }
}

/// Whether a setting is a secret: only that type refuses a number in these words.
fn is_secret(key: &Key) -> bool {
    let probe = nest(key.segments(), Value::Integer(0));
    Document::deserialize(probe).is_err_and(|error| error.message().contains(NOT_A_TEXT))
}

fn refuse(key: &Key, message: &str) -> Error {
    let explanation = explain(message);
    if explanation.message.starts_with("unknown setting") {
        return unknown(key);
    }
    wrong(key, explanation.message, explanation.hint)
}

/// Names the setting that was probably meant.
pub(super) fn unknown(key: &Key) -> Error {
    let known = known_keys();
    let name = key.to_string();
    let hint = nearest(&name, known.iter().map(String::as_str)).map_or_else(
        || "settings are named after their place in config/callboard.toml".to_owned(),
        |meant| format!("did you mean `{meant}`?"),
    );
    wrong(key, "this is no setting".to_owned(), Some(hint))
}

/// The keys of all settings that exist by themselves.
fn known_keys() -> Vec<String> {
    collect_names("", ".", str::to_owned)
}

fn wrong(key: &Key, message: String, hint: Option<String>) -> Error {
    Error::Wrong { place: Place::Stored(key.to_string()), message, hint }
}
