//! [`House`]: takes up changed settings while everything runs.

use super::parts::{anthropic_config, defaults, tune};
use crate::live::{Commit, Engine};
use crate::settings::{self, Models, RuntimeKind, Settings};
use crate::telemetry;
use crate::wire::WeakApp;
use crate::world::models::{Anthropic, Replay};
use crate::world::{Runtime, Runtimes, Source};
use anyhow::Context as _;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// What works by the settings.
pub(super) struct House {
    pub(super) app: WeakApp,
    pub(super) workshop: Workshop,
    pub(super) runtimes: Runtimes,
    /// The level that was set. A command may log less than that: only a change counts.
    pub(super) level: Arc<Mutex<String>>,
}

/// Builds runtimes, and builds none anew that would be the same: its connections and counts go on.
#[derive(Default)]
pub(super) struct Workshop(Mutex<BTreeMap<String, Made>>);

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
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = BTreeMap::new();
        for (name, runtime) in &settings.runtimes {
            let reads_files = matches!(runtime.kind, RuntimeKind::Replay { .. });
            // What is scripted costs nothing, and other prices are no reason to begin it anew.
            let models = if reads_files { Models::default() } else { settings.models.clone() };
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
}

fn build(name: &str, runtime: &settings::Runtime, settings: &Settings) -> anyhow::Result<Runtime> {
    let source = match &runtime.kind {
        RuntimeKind::Replay { folder } => Source::Replay(Replay::open(folder)?),
        RuntimeKind::Anthropic(anthropic) => {
            let client = Anthropic::new(anthropic_config(anthropic, settings));
            let client = client.with_context(|| format!("failed to set up the runtime {name}"))?;
            Source::Anthropic(Arc::new(client))
        }
    };
    Ok(Runtime { source, record: runtime.record.clone() })
}

impl Engine for House {
    fn prepare(&self, settings: &Settings, afresh: bool) -> Result<Commit, String> {
        let made = self.workshop.make(settings, afresh).map_err(|error| format!("{error:#}"))?;
        let (app, runtimes, settings) = (self.app.clone(), self.runtimes.clone(), settings.clone());
        let level = Arc::clone(&self.level);
        Ok(Box::new(move || {
            // Without it the house is being closed.
            let Some(app) = app.upgrade() else { return };
            runtimes.replace(made);
            tune(&app.parts().tuner, &settings);
            let mut description = (*app.description()).clone();
            description.runtimes = settings.runtimes.keys().cloned().collect();
            settings.processes.default_runtime.clone_into(&mut description.default_runtime);
            app.change(defaults(&settings), description);
            let former = std::mem::replace(
                &mut *level.lock().unwrap_or_else(PoisonError::into_inner),
                settings.log.level.clone(),
            );
            if former != settings.log.level {
                // It was checked with all other settings.
                let _ = telemetry::change_level(&settings.log.level);
            }
        }))
    }

    /// Recordings are apart: what this program writes itself is no news to it.
    fn files(&self, settings: &Settings) -> Vec<PathBuf> {
        let folders = settings.runtimes.values().filter_map(|runtime| match &runtime.kind {
            RuntimeKind::Replay { folder } => std::fs::read_dir(folder).ok(),
            RuntimeKind::Anthropic(_) => None,
        });
        let recordings: Vec<_> =
            settings.runtimes.values().filter_map(|runtime| runtime.record.as_ref()).collect();
        let files = folders.flatten().flatten().map(|entry| entry.path());
        let files = files.filter(|path| path.extension().is_some_and(|end| end == "yaml"));
        files.filter(|path| !recordings.contains(&path)).collect()
    }
}
