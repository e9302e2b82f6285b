//! The settings as a whole, and how they are loaded.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;
use toml::{Table, Value};

use super::document::{Document, resolve_runtimes};
use super::error::{Error, Problem};
use super::layers::Layers;
use super::models::Models;
use super::runtimes::{Anthropic, Runtime, RuntimeKind};
use super::sections::{
    Cleanup, Entities, Http, Journal, Log, Metrics, Monitor, Processes, Supervision, Templates,
};
use super::sources::Sources;
use super::stored::Stored;
use super::validation;

/// Everything an operator may set. Loaded settings are checked, and their paths are absolute.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Settings {
    /// The folder that holds everything Callboard knows. Default `.callboard` in the working directory.
    pub home: PathBuf,
    /// The SQLite file. Default `callboard.db` in the home.
    pub database: PathBuf,
    /// The first word of all our topics. Default `claude`.
    pub topic_root: String,
    /// `[http]`
    pub http: Http,
    /// `[log]`
    pub log: Log,
    /// `[processes]`
    pub processes: Processes,
    /// `[runtimes.NAME]`; `replay` and `anthropic` exist always.
    pub runtimes: BTreeMap<String, Runtime>,
    /// `[models]`
    pub models: Models,
    /// `[entities]`
    pub entities: Entities,
    /// `[journal]`
    pub journal: Journal,
    /// `[supervision]`
    pub supervision: Supervision,
    /// `[cleanup]`
    pub cleanup: Cleanup,
    /// `[metrics]`
    pub metrics: Metrics,
    /// `[monitor]`
    pub monitor: Monitor,
    /// `[templates]`
    pub templates: Templates,
}

impl Settings {
    /// Loads and checks the settings. Reads the settings file, and nothing else that is not in `sources`.
    ///
    /// # Errors
    /// [`Error::Unreadable`] for a file that was named and cannot be read, [`Error::Wrong`] for the first wrong
    /// setting, with its place.
    pub fn load(sources: &Sources) -> Result<Self, Error> {
        let layers = Layers::read(sources, Stored::new())?;
        Self::from_layers(&layers, &sources.directory)
    }

    /// The settings that these layers come to, checked.
    pub(super) fn from_layers(layers: &Layers, directory: &Path) -> Result<Self, Error> {
        let document = layers.merge()?;
        let settings = Self::resolve(document, directory);
        let checked = settings.and_then(|settings| validation::check(&settings).map(|()| settings));
        checked.map_err(|problem| {
            let place = layers.place(&problem.path);
            problem.at(place)
        })
    }

    /// The settings as they would be written, secrets in plain text: not to be shown.
    pub(super) fn written(&self) -> Table {
        let mut table = Table::try_from(self).expect("settings can be written");
        for (name, runtime) in &self.runtimes {
            let RuntimeKind::Anthropic(Anthropic { api_key: Some(key), .. }) = &runtime.kind else {
                continue;
            };
            let written = table["runtimes"].get_mut(name).and_then(Value::as_table_mut);
            written.and_then(|written| {
                written.insert("api_key".to_owned(), Value::String(key.expose().to_owned()))
            });
        }
        table
    }

    /// Fills in the defaults and makes the paths absolute.
    fn resolve(document: Document, directory: &Path) -> Result<Self, Problem> {
        let home = within(directory, &document.home.unwrap_or_else(|| ".callboard".into()));
        let mut runtimes = resolve_runtimes(document.runtimes)?;
        for runtime in runtimes.values_mut() {
            place_runtime(runtime, directory);
        }
        Ok(Self {
            database: document
                .database
                .map_or_else(|| home.join("callboard.db"), |path| within(directory, &path)),
            templates: Templates { folder: within(&home, &document.templates.folder) },
            home,
            topic_root: document.topic_root.unwrap_or_else(|| "claude".into()),
            http: document.http,
            log: document.log,
            processes: document.processes,
            runtimes,
            models: document.models.resolve()?,
            entities: document.entities,
            journal: document.journal,
            supervision: document.supervision,
            cleanup: document.cleanup,
            metrics: document.metrics,
            monitor: document.monitor,
        })
    }
}

impl Default for Settings {
    /// The built-in defaults, with paths relative to the working directory.
    fn default() -> Self {
        Self::resolve(Document::default(), Path::new("")).expect("the defaults need no repair")
    }
}

fn place_runtime(runtime: &mut Runtime, directory: &Path) {
    if let Some(record) = &mut runtime.record {
        *record = within(directory, record);
    }
    if let RuntimeKind::Replay { folder } = &mut runtime.kind {
        *folder = within(directory, folder);
    }
}

/// The path as seen from a folder, without `.` on the way.
fn within(folder: &Path, path: &Path) -> PathBuf {
    folder.join(path).components().collect()
}
