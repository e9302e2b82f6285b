//! [`Settings`]: the settings as a whole, with their defaults filled in.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::document::{Document, resolve_runtimes};
use super::error::Problem;
use super::models::Models;
use super::runtimes::{Runtime, RuntimeKind};
use super::sections::{
    Agents, Cleanup, Entities, Http, Journal, Log, Processes, Supervision, Templates,
};

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
    /// `[templates]`
    pub templates: Templates,
    /// `[agents]`
    pub agents: Agents,
}

impl Settings {
    /// Fills in the defaults and makes the paths absolute.
    pub(super) fn resolve(document: Document, directory: &Path) -> Result<Self, Problem> {
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
            agents: Agents { folder: within(directory, &document.agents.folder) },
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
