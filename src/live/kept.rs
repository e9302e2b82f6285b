//! [`Kept`]: what the table `config` holds, read before anything is opened that depends on it.

use super::keyring::Keyring;
use crate::settings::{Key, Loaded, Origin, Setting, Stored};
use callboard_actors::journal::SettingRow;
use std::collections::BTreeMap;

/// Settings made while a server ran, and the rows they came from.
#[derive(Debug, Default)]
pub struct Kept {
    /// The rows, by key.
    pub rows: BTreeMap<String, SettingRow>,
    /// What they say.
    pub stored: Stored,
    /// Those that cannot be used, and why.
    pub unfit: BTreeMap<String, String>,
}

impl Kept {
    /// Reads rows. One that cannot be used is no reason not to start: it is named.
    pub fn read(rows: BTreeMap<String, SettingRow>, keyring: &Keyring) -> Self {
        let mut kept = Self::default();
        for (name, row) in &rows {
            match read(name, row, keyring) {
                Ok((key, setting)) => drop(kept.stored.insert(key, setting)),
                Err(error) => drop(kept.unfit.insert(name.clone(), error)),
            }
        }
        Self { rows, ..kept }
    }

    /// The settings in force with those of these that fit.
    ///
    /// # Errors
    /// What is wrong without them, too.
    pub fn load(&mut self, origin: &Origin) -> Result<Loaded, crate::settings::Error> {
        let (loaded, unfit) = origin.load_what_fits(&self.stored)?;
        let left = self.stored.keys().filter(|key| !loaded.stored().contains_key(key));
        for key in left {
            let own = unfit.iter().find(|error| error.is_about(key));
            // Blamed on something else, it is the company of all that are stored that is wrong.
            let error = own.or(unfit.last()).map(ToString::to_string).unwrap_or_default();
            let text = format!("it is left out: {error}; set it anew, or unset it");
            self.unfit.insert(key.to_string(), text);
        }
        Ok(loaded)
    }
}

fn read(name: &str, row: &SettingRow, keyring: &Keyring) -> Result<(Key, Setting), String> {
    let key = Key::parse(name).map_err(|error| error.to_string())?;
    let json = if row.is_secret {
        keyring.unseal(name, &row.value).map_err(|error| error.to_string())?
    } else {
        row.value.clone()
    };
    let value = serde_json::from_str(&json).map_err(|_| "its value is no JSON: set it again")?;
    let setting = Setting::from_json(&key, &value).map_err(|error| error.to_string())?;
    Ok((key, setting))
}
