//! [`Live`]: the settings in force, and the one road on which they change.

use super::change::{ChangeError, Given, Shown};
use super::kept::Kept;
use super::keyring::Keyring;
use crate::settings::{Changed, Key, Loaded, Origin, Setting, Settings, Stored};
use callboard_actors::journal::{AsideRows, Fault, Journal, MessageKind, NewMessage, SettingRow};
use callboard_actors::system::Warnings;
use callboard_actors::vocabulary::{Position, Timestamp};
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Puts prepared settings in force. It cannot fail.
pub type Commit = Box<dyn FnOnce() -> Left + Send>;

/// Files that say what makes no sense: what they said before holds. Why, a warning says.
pub type Left = Vec<PathBuf>;

/// Who works by the settings.
pub trait Engine: Send + Sync {
    /// Builds what these settings ask for, without using it yet; the error says why that is not possible.
    /// `afresh`: files that settings name have changed, and have to be read again.
    fn prepare(&self, settings: &Settings, afresh: bool) -> Result<Commit, String>;

    /// Files that these settings name: a change in one of them is taken up.
    fn files(&self, settings: &Settings) -> Vec<PathBuf>;
}

/// A handle on the settings in force; clones share it.
#[derive(Clone)]
pub struct Live(Arc<Inner>);

struct Inner {
    origin: Origin,
    parts: Parts,
    /// What the server was started with.
    started: Loaded,
    state: Mutex<State>,
    /// One change at a time.
    turn: tokio::sync::Mutex<Keyring>,
}

/// What changes are written with, and who takes them up.
pub struct Parts {
    /// Where they are written.
    pub journal: Journal,
    /// Where is told what cannot be taken up.
    pub warnings: Warnings,
    /// Who takes them up.
    pub engine: Box<dyn Engine>,
}

#[derive(Clone)]
struct State {
    loaded: Loaded,
    rows: BTreeMap<String, SettingRow>,
}

/// Who noticed what is wrong with settings.
const SOURCE: &str = "settings";
/// What is wrong with files.
const FILES: &str = "files";

impl Live {
    /// Settings that were loaded with what was kept.
    pub fn new(origin: Origin, kept: Kept, keyring: Keyring, loaded: Loaded, parts: Parts) -> Self {
        for (about, error) in &kept.unfit {
            parts.warnings.raise(SOURCE, about, error);
        }
        let state = Mutex::new(State { loaded: loaded.clone(), rows: kept.rows });
        let turn = tokio::sync::Mutex::new(keyring);
        Self(Arc::new(Inner { origin, parts, started: loaded, state, turn }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn loaded(&self) -> Loaded {
        self.state().loaded.clone()
    }

    /// All settings.
    pub fn list(&self) -> Vec<Shown> {
        let State { loaded, rows } = self.state().clone();
        let entries = loaded.entries().into_iter();
        entries.map(|entry| Shown::of(entry, &loaded, &self.0.started, &rows)).collect()
    }

    /// One setting.
    pub fn find(&self, key: &Key) -> Result<Shown, ChangeError> {
        let State { loaded, rows } = self.state().clone();
        let entry = loaded.find(key).map_err(ChangeError::Unknown)?;
        Ok(Shown::of(entry, &loaded, &self.0.started, &rows))
    }

    /// What is to be looked at for changes: the settings file, and the files that settings name.
    pub(super) fn watched(&self) -> (Option<PathBuf>, Vec<PathBuf>) {
        let settings = self.loaded().settings;
        (self.0.origin.file(), self.0.parts.engine.files(&settings))
    }

    /// Sets a setting: durably, published, and in force when this returns, if it can be.
    pub async fn set(
        &self,
        key: Key,
        given: Given,
        expected: Option<String>,
        by: &str,
    ) -> Result<Shown, ChangeError> {
        let mut keyring = self.0.turn.lock().await;
        self.expect(&key, expected)?;
        let setting = given.value.read(&key).map_err(ChangeError::Wrong)?;
        let before = self.loaded();
        let mut stored = before.stored().clone();
        stored.insert(key.clone(), setting.clone());
        let (after, commit) = self.prepared(&before, stored)?;
        let name = key.to_string();
        let value = if setting.is_secret() {
            keyring.seal(&name, &setting.expose())?
        } else {
            setting.expose()
        };
        let row = SettingRow {
            value,
            description: given.description,
            is_secret: setting.is_secret(),
            updated_at: self.0.parts.journal.clock().now(),
            position: 0,
        };
        self.write(&key, Some(row), &before, setting.shown(), by).await?;
        self.put_in_force(&key, after, commit);
        self.find(&key)
    }

    /// Unsets a setting: what the file or the default says holds again.
    pub async fn unset(
        &self,
        key: Key,
        expected: Option<String>,
        by: &str,
    ) -> Result<Shown, ChangeError> {
        let _turn = self.0.turn.lock().await;
        self.expect(&key, expected)?;
        if !self.state().rows.contains_key(&key.to_string()) {
            return Err(ChangeError::NotStored(key));
        }
        let before = self.loaded();
        let mut stored = before.stored().clone();
        stored.remove(&key);
        let (after, commit) = self.prepared(&before, stored)?;
        let new = after.find(&key).map_or(Value::Null, |entry| entry.value);
        self.write(&key, None, &before, new, by).await?;
        self.put_in_force(&key, after, commit);
        // Part of a table that had a name of its own is no more.
        self.find(&key).or_else(|_| Ok(Shown::gone(key)))
    }

    /// Refuses a change that was made of something older than what is there.
    fn expect(&self, key: &Key, expected: Option<String>) -> Result<(), ChangeError> {
        let Some(expected) = expected else { return Ok(()) };
        let found = self.find(key).unwrap_or_else(|_| Shown::gone(key.clone())).etag();
        let is_met =
            expected.split(',').any(|tag| matches!(tag.trim(), "*") || tag.trim() == found);
        if is_met { Ok(()) } else { Err(ChangeError::Stale { key: key.clone(), found }) }
    }

    /// Settings with this stored in place of what was, if the house can work with them.
    fn prepared(&self, before: &Loaded, stored: Stored) -> Result<(Loaded, Commit), ChangeError> {
        let after = before.with_stored(stored).map_err(ChangeError::Wrong)?;
        let commit = self.0.parts.engine.prepare(&after.settings, false);
        Ok((after, commit.map_err(ChangeError::Impossible)?))
    }

    async fn write(
        &self,
        key: &Key,
        row: Option<SettingRow>,
        before: &Loaded,
        new: Value,
        by: &str,
    ) -> Result<(), ChangeError> {
        let name = key.to_string();
        let old = before.find(key).map_or(Value::Null, |entry| entry.value);
        let message = self.message(&json!({ "key": key, "old": old, "new": new, "by": by }));
        let expected = self.state().rows.get(&name).map_or(0, |row| row.position);
        let rows = AsideRows::Setting { key: name.clone(), expected, value: row.clone() };
        match self.0.parts.journal.aside(rows, vec![message]).await {
            Ok(committed) => self.note(name, row, committed.first),
            Err(fault) => {
                // It may have been written: what is there decides what the next one expects.
                if let Ok(rows) = self.0.parts.journal.reader().settings().await {
                    self.state().rows = rows;
                }
                return Err(fault.into());
            }
        }
        Ok(())
    }

    fn note(&self, name: String, row: Option<SettingRow>, position: Position) {
        let mut state = self.state();
        match row {
            Some(row) => drop(state.rows.insert(name, SettingRow { position, ..row })),
            None => drop(state.rows.remove(&name)),
        }
    }

    fn put_in_force(&self, key: &Key, after: Loaded, commit: Commit) {
        // Files that were wrong before are so still, and their warnings stand.
        let _ = commit();
        self.state().loaded = after;
        self.0.parts.warnings.settle(SOURCE, &key.to_string());
    }

    fn message(&self, data: &Value) -> NewMessage {
        NewMessage {
            kind: MessageKind::Publication,
            message_id: None,
            topic: Some(format!("{}.system.config_change", self.0.parts.journal.topic_root())),
            event_type: "CONFIG_CHANGE".into(),
            error: None,
            data: to_raw_value(data).unwrap_or_else(|_| RawValue::NULL.to_owned()),
            caused_by: None,
            correlation: None,
        }
    }

    /// Takes up what has changed in the settings file, and in these files that settings name. What cannot be is told,
    /// and the old stays in force.
    pub async fn reload(&self, files: &[PathBuf]) -> Result<(), ChangeError> {
        let _turn = self.0.turn.lock().await;
        let result = self.take_up(files).await;
        match &result {
            Ok(()) => self.0.parts.warnings.settle(SOURCE, FILES),
            // The disk's fault, which is told elsewhere; the same is tried again.
            Err(ChangeError::Fault(_)) => {}
            Err(error) => {
                let text = format!("{error}; what was in force stays so");
                self.0.parts.warnings.raise(SOURCE, FILES, &text);
            }
        }
        result
    }

    async fn take_up(&self, files: &[PathBuf]) -> Result<(), ChangeError> {
        let before = self.loaded();
        let after = self.0.origin.load(before.stored().clone()).map_err(ChangeError::Wrong)?;
        let commit = self.0.parts.engine.prepare(&after.settings, !files.is_empty());
        let commit = commit.map_err(ChangeError::Impossible)?;
        let mut told: Vec<Value> = before.changes(&after).iter().map(told).collect();
        if !files.is_empty() {
            told.push(json!({ "key": null, "files": files, "by": "file" }));
        }
        for data in &told {
            self.0.parts.journal.publish(self.message(data)).await?;
        }
        let left = commit();
        for data in &told {
            let is_setting = !data["key"].is_null();
            let came = if is_setting { "taken up" } else { came_of(files, &left) };
            tracing::info!(change = %data, "a file has changed: {came}");
        }
        self.state().loaded = after;
        Ok(())
    }

    /// Seals every secret anew, with a new key. A crash at any moment leaves all of them readable.
    pub async fn rotate_key(&self, by: &str) -> Result<usize, ChangeError> {
        let mut keyring = self.0.turn.lock().await;
        let rows = self.0.parts.journal.reader().settings().await?;
        let old = keyring.current().to_owned();
        let secrets = rows.iter().filter(|(_, row)| row.is_secret).map(|(name, row)| {
            let plain = keyring.unseal(name, &row.value);
            let plain = plain.map_err(|error| ChangeError::Unreadable(name.clone(), error))?;
            Ok((name.clone(), plain))
        });
        let secrets = secrets.collect::<Result<Vec<_>, ChangeError>>()?;
        keyring.begin_rotation()?;
        let sealed =
            secrets.iter().map(|(name, plain)| Ok((name.clone(), keyring.seal(name, plain)?)));
        let sealed = sealed.collect::<Result<Vec<_>, ChangeError>>()?;
        let count = sealed.len();
        let new = keyring.current().to_owned();
        let data =
            json!({ "key": "secret.key", "old": old, "new": new, "secrets": count, "by": by });
        let written =
            self.0.parts.journal.aside(AsideRows::Sealed(sealed), vec![self.message(&data)]);
        written.await?;
        self.state().rows = self.0.parts.journal.reader().settings().await?;
        keyring.end_rotation()?;
        Ok(count)
    }

    /// When the settings in force were last changed by request, by key.
    pub fn updated_at(&self, key: &Key) -> Option<Timestamp> {
        self.state().rows.get(&key.to_string()).map(|row| row.updated_at)
    }
}

/// What came of files that have changed.
fn came_of(files: &[PathBuf], left: &[PathBuf]) -> &'static str {
    match files.iter().filter(|file| left.contains(file)).count() {
        0 => "taken up",
        wrong if wrong == files.len() => "not taken up, what was in force stays so",
        _ => "taken up in part, of the rest what was in force stays so",
    }
}

fn told(Changed { key, old, new }: &Changed) -> Value {
    json!({ "key": key, "old": old, "new": new, "by": "file" })
}

impl From<Fault> for ChangeError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl super::change::GivenValue {
    fn read(&self, key: &Key) -> Result<Setting, crate::settings::Error> {
        match self {
            Self::Json(value) => Setting::from_json(key, value),
            Self::Text(text) => Setting::from_text(key, text),
        }
    }
}
