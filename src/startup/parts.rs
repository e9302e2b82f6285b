//! Settings as the parts of the house want them.

use super::ServerInfo;
use crate::settings::{
    self, AgentProfile, LONGEST_TIMEOUT_S, MOST_RETRIES, OnLost, Runtime, Settings, Synchronous,
    read_profiles,
};
use crate::wire::{Defaults, Description};
use callboard_actors::agents::{Profile, Profiles};
use callboard_actors::entity::HostSettings;
use callboard_actors::journal::{self, Home, JournalSettings, SweepSettings};
use callboard_actors::processes::{self, RetryPolicy, RuntimeDefaults};
use callboard_actors::system::{SystemSettings, Tuner};
use callboard_actors::vocabulary::Fallback;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub(super) fn system_settings(settings: &Settings) -> SystemSettings {
    let limits =
        settings.runtimes.iter().map(|(name, runtime)| (name.clone(), runtime.concurrency.get()));
    let cleanup = &settings.cleanup;
    SystemSettings {
        journal: journal_settings(settings),
        host: host_settings(settings),
        limits: limits.collect(),
        sweep: SweepSettings {
            grace: Duration::from_secs(cleanup.grace_s),
            keep: Duration::from_hours(u64::from(cleanup.archive_days) * 24),
        },
        sweep_every: Duration::from_secs(cleanup.interval_s.get()),
        settle: Duration::from_secs(settings.supervision.settle_s.get()),
        unsettled_starts: settings.supervision.unsettled_starts,
    }
}

fn host_settings(settings: &Settings) -> HostSettings {
    let entities = &settings.entities;
    HostSettings {
        inbox: entities.inbox.get(),
        idle: Duration::from_secs(entities.idle_s.get()),
        park_after: entities.park_after_restarts.get(),
        park_within: Duration::from_secs(entities.park_within_s.get()),
        ..HostSettings::default()
    }
}

/// How the journal of these settings works; also for commands that open it without a server.
pub fn journal_settings(settings: &Settings) -> JournalSettings {
    let journal = &settings.journal;
    JournalSettings {
        queue_bytes: journal.queue_bytes.get(),
        readers: journal.readers.get(),
        feed_messages: journal.feed_messages.get(),
        checkpoint_pages: journal.checkpoint_pages.get(),
        synchronous: match journal.synchronous {
            Synchronous::Full => journal::Synchronous::Full,
            Synchronous::Off => journal::Synchronous::Off,
        },
        topic_root: settings.topic_root.clone(),
    }
}

/// The profiles of agents in a folder, as the core knows them.
pub(super) fn read(folder: &Path) -> anyhow::Result<Profiles> {
    let mut profiles = Profiles::new();
    for (name, written) in read_profiles(folder)? {
        let AgentProfile { role, model, runtime, fallbacks, system_prompt, .. } = written;
        let (capabilities, permissions) = (written.capabilities, written.permissions);
        let profile = Profile {
            name: name.clone(),
            role,
            model,
            runtime,
            fallbacks: fallbacks.into_iter().map(fallback).collect(),
            system_prompt,
            capabilities,
            permissions,
        };
        profiles.insert(name, profile);
    }
    Ok(profiles)
}

fn fallback(settings::Fallback { runtime, model }: settings::Fallback) -> Fallback {
    Fallback { runtime, model }
}

/// Refuses a profile that names a runtime which does not exist.
pub(super) fn check(profiles: &Profiles, settings: &Settings) -> anyhow::Result<()> {
    for (name, profile) in profiles {
        let others = profile.fallbacks.iter().map(|other| &other.runtime);
        let mut named = profile.runtime.iter().chain(others);
        if let Some(runtime) = named.find(|name| !settings.runtimes.contains_key(*name)) {
            let known: Vec<&str> = settings.runtimes.keys().map(String::as_str).collect();
            anyhow::bail!(
                "the profile {name} in {} names the runtime {runtime:?}, which does not exist: choose one of {}",
                settings.agents.folder.display(),
                known.join(", ")
            );
        }
    }
    Ok(())
}

/// What orders of processes get that do not say otherwise.
fn orders(settings: &Settings) -> processes::Defaults {
    let processes = &settings.processes;
    processes::Defaults {
        runtime: processes.default_runtime.clone(),
        model: processes.default_model.clone(),
        timeout_s: u32::try_from(processes.timeout_s.get()).unwrap_or(LONGEST_TIMEOUT_S),
        longest_timeout_s: LONGEST_TIMEOUT_S,
        most_retries: MOST_RETRIES,
        retry: RetryPolicy {
            max_retries: processes.max_retries,
            max_lost: processes.max_lost,
            first_ms: processes.retry_first_ms,
            max_ms: processes.retry_max_ms,
        },
        runtimes: settings.runtimes.iter().map(runtime_defaults).collect(),
    }
}

pub(super) fn defaults(settings: &Settings, profiles: Profiles) -> Defaults {
    Defaults {
        templates: settings.home.join(&settings.templates.folder),
        profiles,
        max_body_bytes: settings.http.max_body_bytes.get(),
        allowed_origins: settings.http.allowed_origins.clone(),
        workspace_roots: settings.workspaces.roots.clone(),
    }
}

fn runtime_defaults((name, runtime): (&String, &Runtime)) -> (String, RuntimeDefaults) {
    let on_lost = match runtime.on_lost {
        OnLost::Retry => processes::OnLost::Retry,
        OnLost::Ask => processes::OnLost::Ask,
    };
    let runs_a_program = runtime.kind.runs_a_program();
    let model = runtime.default_model.clone();
    (name.clone(), RuntimeDefaults { model, runs_a_program, on_lost })
}

pub(super) fn description(settings: &Settings, home: &Home, info: &ServerInfo) -> Description {
    Description {
        name: "callboard",
        version: env!("CARGO_PKG_VERSION"),
        pid: info.pid,
        instance: info.instance.clone(),
        started_at: info.started_at.clone(),
        home: home.root().to_owned(),
        runtimes: settings.runtimes.keys().cloned().collect(),
        default_runtime: settings.processes.default_runtime.clone(),
    }
}

/// What may change while the system runs.
pub(super) fn tune(tuner: &Tuner, settings: &Settings) {
    let SystemSettings { limits, sweep, sweep_every, .. } = system_settings(settings);
    let keep_days = u64::from(settings.metrics.keep_days.get());
    let monitor = &settings.monitor;
    let orders = Arc::new(orders(settings));
    tuner.change(|tuning| {
        tuning.orders = orders;
        (tuning.limits, tuning.sweep, tuning.sweep_every) = (limits, sweep, sweep_every);
        tuning.keep_points = Duration::from_hours(keep_days * 24);
        let audit_days = u64::from(settings.cleanup.audit_days.get());
        tuning.keep_audit = Duration::from_hours(audit_days * 24);
        tuning.margin = Duration::from_secs(monitor.margin_s.get());
        tuning.letters = Duration::from_secs(monitor.letters_s.get());
        tuning.look_every = Duration::from_secs(monitor.look_every_s.get());
    });
}
