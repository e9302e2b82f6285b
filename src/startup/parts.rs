//! Settings as the parts of the house want them.

use super::ServerInfo;
use crate::settings::{Anthropic as AnthropicSettings, Settings, Synchronous};
use crate::wire::{Defaults, Description};
use crate::world::models::{AnthropicConfig, Price, Prices, Secret};
use callboard_actors::entity::HostSettings;
use callboard_actors::journal::{self, Home, JournalSettings, SweepSettings};
use callboard_actors::processes::RetryPolicy;
use callboard_actors::system::{SystemSettings, Tuner};
use std::time::Duration;

pub(super) fn anthropic_config(
    anthropic: &AnthropicSettings,
    settings: &Settings,
) -> AnthropicConfig {
    let price = |price: &crate::settings::Price| Price { input: price.input, output: price.output };
    let prices =
        settings.models.prices.iter().map(|(model, p)| (model.clone(), price(p))).collect();
    AnthropicConfig {
        api_key: anthropic.api_key.as_ref().map(|key| Secret::new(key.expose())),
        base_url: anthropic.base_url.clone(),
        read_timeout: Duration::from_secs(anthropic.read_timeout_s.get()),
        connect_timeout: Duration::from_secs(anthropic.connect_timeout_s.get()),
        max_tokens: anthropic.max_tokens.get(),
        prices: Prices::new(prices),
    }
}

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

pub(super) fn defaults(settings: &Settings) -> Defaults {
    let processes = &settings.processes;
    Defaults {
        runtime: processes.default_runtime.clone(),
        model: processes.default_model.clone(),
        timeout_s: u32::try_from(processes.timeout_s.get()).unwrap_or(u32::MAX),
        retry: RetryPolicy {
            max_retries: processes.max_retries,
            max_lost: processes.max_lost,
            first_ms: processes.retry_first_ms,
            max_ms: processes.retry_max_ms,
        },
        templates: settings.home.join(&settings.templates.folder),
        max_body_bytes: settings.http.max_body_bytes.get(),
        allowed_origins: settings.http.allowed_origins.clone(),
    }
}

pub(super) fn description(settings: &Settings, home: &Home, info: &ServerInfo) -> Description {
    Description {
        name: "callboard",
        version: env!("CARGO_PKG_VERSION"),
        pid: info.pid,
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
    tuner.change(|tuning| {
        (tuning.limits, tuning.sweep, tuning.sweep_every) = (limits, sweep, sweep_every);
        tuning.keep_points = Duration::from_hours(keep_days * 24);
        tuning.margin = Duration::from_secs(monitor.margin_s.get());
        tuning.look_every = Duration::from_secs(monitor.look_every_s.get());
    });
}
