//! [`Origin`]: where settings come from, to be asked again; [`Loaded`]: what they came to, and who made what.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;
use toml::Table;

use super::effect::TakesEffect;
use super::error::{Error, Place};
use super::key::Key;
use super::layers::{DEFAULT_FILE, Layers, Source};
use super::resolved::Settings;
use super::sources::Sources;
use super::stored::{Stored, holds_secret, unknown};
use super::variables::leaves;

/// Where settings come from. Loading it again gives what has changed meanwhile.
#[derive(Clone, Debug)]
pub struct Origin(From);

#[derive(Clone, Debug)]
enum From {
    Sources(Sources),
    /// Settings that a program made, secrets in plain text.
    Made(Table),
}

impl std::convert::From<&Sources> for Origin {
    fn from(sources: &Sources) -> Self {
        Self(From::Sources(sources.clone()))
    }
}

impl std::convert::From<&Settings> for Origin {
    fn from(settings: &Settings) -> Self {
        Self(From::Made(settings.written()))
    }
}

impl Origin {
    /// Loads and checks the settings, with those made while a server ran over the file and under the variables.
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub fn load(&self, stored: Stored) -> Result<Loaded, Error> {
        let layers = match &self.0 {
            From::Sources(sources) => Layers::read(sources, stored)?,
            From::Made(table) => Layers::made(table.clone(), stored),
        };
        Loaded::of(layers, self.directory().to_owned())
    }

    /// The same, without those that were made while a server ran and do not fit any more; with what is wrong with
    /// each of these.
    ///
    /// # Errors
    /// As [`Settings::load`]: what is wrong without them, too.
    pub fn load_what_fits(&self, stored: &Stored) -> Result<(Loaded, Vec<Error>), Error> {
        let mut stored = stored.clone();
        let mut unfit = Vec::new();
        loop {
            match self.load(stored.clone()) {
                Ok(loaded) => return Ok((loaded, unfit)),
                Err(error) if stored.is_empty() => return Err(error),
                Err(error) => {
                    let culprit = match &error {
                        Error::Wrong { place: Place::Stored(key), .. } => Key::parse(key).ok(),
                        _ => None,
                    };
                    // Blamed on something else, it is the company of them all that is wrong.
                    if culprit.is_none_or(|key| stored.remove(&key).is_none()) {
                        stored.clear();
                    }
                    unfit.push(error);
                }
            }
        }
    }

    /// The settings file, whether it is there or not; `None`: there is none to look for.
    pub fn file(&self) -> Option<PathBuf> {
        let From::Sources(sources) = &self.0 else { return None };
        let named = sources.config.clone();
        Some(sources.directory.join(named.unwrap_or_else(|| DEFAULT_FILE.into())))
    }

    fn directory(&self) -> &Path {
        match &self.0 {
            From::Sources(sources) => &sources.directory,
            // Their paths are absolute already.
            From::Made(_) => Path::new(""),
        }
    }
}

/// Settings, and who made which.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What they came to.
    pub settings: Settings,
    layers: Layers,
    directory: PathBuf,
}

/// One setting, as it may be shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// Its name.
    pub key: Key,
    /// What is in force; a secret is masked.
    pub value: Value,
    /// Who made it.
    #[serde(flatten)]
    pub source: Source,
    /// Whether it is a secret, or holds some.
    pub secret: bool,
    /// When a change of it counts.
    pub takes_effect: TakesEffect,
}

/// A setting that has changed, as it may be shown.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Changed {
    /// Its name.
    pub key: Key,
    /// What was in force.
    pub old: Value,
    /// What is.
    pub new: Value,
}

impl Loaded {
    fn of(layers: Layers, directory: PathBuf) -> Result<Self, Error> {
        let settings = Settings::from_layers(&layers, &directory)?;
        Ok(Self { settings, layers, directory })
    }

    /// The same file and variables, as they were read, with these settings made while a server ran.
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub fn with_stored(&self, stored: Stored) -> Result<Self, Error> {
        Self::of(self.layers.with_stored(stored), self.directory.clone())
    }

    /// All settings, by name.
    pub fn entries(&self) -> Vec<Entry> {
        let shown = self.shown();
        leaves(&shown).into_iter().map(|(path, value)| self.entry(path, value.clone())).collect()
    }

    /// One setting, or a section's part of it that has a name of its own.
    ///
    /// # Errors
    /// [`Error::Wrong`] where there is none of that name.
    pub fn find(&self, key: &Key) -> Result<Entry, Error> {
        let shown = self.shown();
        let mut value = &shown;
        for segment in key.segments() {
            value = value.get(segment).ok_or_else(|| unknown(key))?;
        }
        Ok(self.entry(key.segments().to_vec(), value.clone()))
    }

    fn entry(&self, path: Vec<String>, value: Value) -> Entry {
        let (source, key) = (self.layers.source(&path), Key(path));
        let (secret, takes_effect) = (holds_secret(&key, &value), TakesEffect::of(&key));
        Entry { key, value, source, secret, takes_effect }
    }

    fn shown(&self) -> Value {
        serde_json::to_value(&self.settings).expect("settings are plain data")
    }

    /// Every setting, secrets in plain text: to compare, not to show.
    fn plain(&self) -> Leaves {
        let written = serde_json::to_value(self.settings.written());
        flat(&written.expect("settings are plain data"))
    }

    /// What was set while a server ran.
    pub fn stored(&self) -> &Stored {
        self.layers.stored()
    }

    /// The variable that makes this setting, so that what is set while a server runs does not count.
    pub fn overridden_by(&self, key: &Key) -> Option<&str> {
        self.layers.variable(key.segments())
    }

    /// What is different in `newer`.
    pub fn changes(&self, newer: &Self) -> Vec<Changed> {
        let (before, after) = (self.plain(), newer.plain());
        let (shown_before, shown_after) = (flat(&self.shown()), flat(&newer.shown()));
        let mut paths: Vec<_> = before.keys().chain(after.keys()).collect();
        paths.sort();
        paths.dedup();
        let differing = paths.into_iter().filter(|path| before.get(*path) != after.get(*path));
        let of = |map: &Leaves, path| map.get(path).cloned().unwrap_or(Value::Null);
        let changed = differing.map(|path| Changed {
            key: Key(path.clone()),
            old: of(&shown_before, path),
            new: of(&shown_after, path),
        });
        changed.collect()
    }
}

type Leaves = BTreeMap<Vec<String>, Value>;

fn flat(value: &Value) -> Leaves {
    leaves(value).into_iter().map(|(path, value)| (path, value.clone())).collect()
}
