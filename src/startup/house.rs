//! [`House`]: takes up changed settings while everything runs.

use super::mcp;
use super::parts::{check, defaults, read, tune};
use super::runtimes::build;
use crate::definitions::read_folder;
use crate::live::{Commit, Engine, Left};
use crate::rules::{self, Rules, read_file};
use crate::settings::{self, Models, RuntimeKind, Settings};
use crate::telemetry;
use crate::wire::{App, WeakApp};
use crate::world::mcp::Servers;
use crate::world::{Runtime, Runtimes};
use callboard_actors::agents::Profiles;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What works by the settings.
pub(super) struct House {
    pub(super) app: WeakApp,
    /// The settings file.
    pub(super) config: Option<PathBuf>,
    pub(super) workshop: Workshop,
    pub(super) runtimes: Runtimes,
    /// The MCP servers.
    pub(super) servers: Servers,
    /// The level that was set. A command may log less than that: only a change counts.
    pub(super) level: Arc<Mutex<String>>,
}

/// Builds runtimes, and builds none anew that would be the same: its connections and counts go on.
#[derive(Default)]
pub(super) struct Workshop {
    made: Mutex<BTreeMap<String, Made>>,
    /// The profiles of agents, and the folder they were read from.
    profiles: Mutex<Option<(PathBuf, Profiles)>>,
}

/// A runtime, and what it was built from.
#[derive(Clone)]
struct Made {
    from: (settings::Runtime, Models),
    runtime: Runtime,
}

impl Workshop {
    /// All runtimes of these settings; with `afresh` also those whose settings are the same, if they read files.
    pub(super) fn make(
        &self,
        settings: &Settings,
        afresh: bool,
    ) -> anyhow::Result<BTreeMap<String, Runtime>> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = BTreeMap::new();
        for (name, runtime) in &settings.runtimes {
            let reads_files = matches!(runtime.kind, RuntimeKind::Replay { .. });
            // Others cost nothing, or say themselves what: other prices are no reason to begin them anew.
            let is_priced = !reads_files && !runtime.kind.runs_a_program();
            let models = if is_priced { settings.models.clone() } else { Models::default() };
            let from = (runtime.clone(), models);
            let former =
                made.get(name).filter(|made| made.from == from && !(afresh && reads_files));
            let made = match former {
                Some(former) => former.clone(),
                None => Made { runtime: build(name, runtime, settings)?, from },
            };
            next.insert(name.clone(), made);
        }
        let runtimes = next.iter().map(|(name, made)| (name.clone(), made.runtime.clone()));
        let runtimes = runtimes.collect();
        *made = next;
        Ok(runtimes)
    }

    /// The profiles of agents; those that were read before, unless files have changed: a bad one is no reason
    /// to refuse other settings.
    pub(super) fn profiles(&self, settings: &Settings, afresh: bool) -> anyhow::Result<Profiles> {
        let mut former = self.profiles.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = &settings.agents.folder;
        let profiles = match former.as_ref() {
            Some((of, profiles)) if !afresh && of == folder => profiles.clone(),
            _ => read(folder)?,
        };
        check(&profiles, settings)?;
        *former = Some((folder.clone(), profiles.clone()));
        Ok(profiles)
    }
}

impl Engine for House {
    fn prepare(&self, settings: &Settings, afresh: bool) -> Result<Commit, String> {
        let told = |error| format!("{error:#}");
        let profiles = self.workshop.profiles(settings, afresh).map_err(told)?;
        let made = self.workshop.make(settings, afresh).map_err(told)?;
        let (app, runtimes, settings) = (self.app.clone(), self.runtimes.clone(), settings.clone());
        let (level, servers) = (Arc::clone(&self.level), self.servers.clone());
        let config = self.config.clone();
        let definitions = read_folder(&settings.workflows.folder);
        let rules = read_file(&settings.rules.file);
        Ok(Box::new(move || {
            // Without it the house is being closed.
            let Some(app) = app.upgrade() else { return Left::new() };
            runtimes.replace(made);
            servers.replace(mcp::specs(&settings));
            tune(&app.parts().tuner, &settings);
            app.definitions().take_up(definitions);
            app.definitions().report(&app.parts().warnings);
            let left = take_up(&app, rules, &settings.rules.file);
            app.rules().keep(governing(&settings, config));
            let mut description = (*app.description()).clone();
            description.runtimes = settings.runtimes.keys().cloned().collect();
            settings.processes.default_runtime.clone_into(&mut description.default_runtime);
            app.change(defaults(&settings, profiles), description);
            let former = std::mem::replace(
                &mut *level.lock().unwrap_or_else(PoisonError::into_inner),
                settings.log.level.clone(),
            );
            if former != settings.log.level {
                // It was checked with all other settings.
                let _ = telemetry::change_level(&settings.log.level);
            }
            left
        }))
    }

    /// Recordings are apart: what this program writes itself is no news to it.
    fn files(&self, settings: &Settings) -> Vec<PathBuf> {
        let folders = settings.runtimes.values().filter_map(|runtime| match &runtime.kind {
            RuntimeKind::Replay { folder } => Some(folder),
            // Programs read theirs themselves, with each attempt.
            _ => None,
        });
        let folders = folders.chain([&settings.agents.folder, &settings.workflows.folder]);
        let folders = folders.filter_map(|folder| std::fs::read_dir(folder).ok());
        let recordings: Vec<_> =
            settings.runtimes.values().filter_map(|runtime| runtime.record.as_ref()).collect();
        let files = folders.flatten().flatten().map(|entry| entry.path());
        let files = files.filter(|path| path.extension().is_some_and(|end| end == "yaml"));
        let files = files.filter(|path| !recordings.contains(&path));
        files.chain([settings.rules.file.clone()]).collect()
    }
}

/// By what the house is governed: nobody changes that with a tool.
pub(super) fn governing(settings: &Settings, config: Option<PathBuf>) -> Vec<PathBuf> {
    let Settings { rules, agents, workflows, .. } = settings;
    let paths = [&rules.file, &agents.folder, &workflows.folder];
    paths.into_iter().cloned().chain(config).collect()
}

/// Rules that make no sense leave those that were: nobody may do more, or less, because of a slip.
fn take_up(app: &App, read: Result<Rules, rules::Error>, file: &Path) -> Left {
    let warnings = &app.parts().warnings;
    match read {
        Ok(rules) => {
            app.rules().replace(rules);
            warnings.settle("rules", "the file");
            Left::new()
        }
        Err(error) => {
            let text = format!("{error}; the rules from before hold until it is mended");
            warnings.raise("rules", "the file", &text);
            vec![file.to_owned()]
        }
    }
}
