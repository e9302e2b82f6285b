//! [`Tuning`]: what may change while the system runs. Services look here each time they need it.

use super::SystemSettings;
use crate::journal::SweepSettings;
use crate::processes::{Defaults, RetryPolicy, RuntimeDefaults};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// What may change while the system runs.
#[derive(Debug, Clone)]
pub struct Tuning {
    /// How many attempts may run at once, by runtime.
    pub limits: BTreeMap<String, usize>,
    /// What orders of processes get that do not say otherwise.
    pub orders: Arc<Defaults>,
    /// When debris and old content go.
    pub sweep: SweepSettings,
    /// How often that is looked after.
    pub sweep_every: Duration,
    /// How long points of time series are kept.
    pub keep_points: Duration,
    /// How long the audit keeps decisions.
    pub keep_audit: Duration,
    /// How late something may be before it counts as stuck.
    pub margin: Duration,
    /// How long a message may lie in an agent's mailbox untaken.
    pub letters: Duration,
    /// How often is looked for what is stuck.
    pub look_every: Duration,
}

/// A handle on the tuning; clones share it.
#[derive(Debug, Clone)]
pub struct Tuner(watch::Sender<Tuning>);

impl Tuner {
    /// What a system starts with.
    pub(super) fn of(settings: &SystemSettings) -> Self {
        Self(watch::Sender::new(Tuning {
            limits: settings.limits.clone(),
            orders: Arc::new(orders(&settings.limits)),
            sweep: settings.sweep,
            sweep_every: settings.sweep_every,
            keep_points: Duration::from_hours(90 * 24),
            keep_audit: Duration::from_hours(365 * 24),
            margin: Duration::from_mins(1),
            letters: Duration::from_hours(1),
            look_every: Duration::from_secs(30),
        }))
    }

    /// As it is now.
    pub fn get(&self) -> Tuning {
        self.0.borrow().clone()
    }

    /// What orders of processes get that do not say otherwise, as it is now.
    pub fn orders(&self) -> Arc<Defaults> {
        Arc::clone(&self.0.borrow().orders)
    }

    /// Changes it; whoever waits for a change hears.
    pub fn change(&self, change: impl FnOnce(&mut Tuning)) {
        self.0.send_modify(change);
    }

    /// Hears of changes.
    pub fn watch(&self) -> watch::Receiver<Tuning> {
        self.0.subscribe()
    }
}

/// What orders get before anybody has said more: of the shipped settings, with the runtimes that there are.
fn orders(limits: &BTreeMap<String, usize>) -> Defaults {
    let runtimes = limits.keys().map(|name| (name.clone(), RuntimeDefaults::default()));
    Defaults {
        runtime: "replay".into(),
        model: "sonnet".into(),
        timeout_s: 300,
        longest_timeout_s: 24 * 60 * 60,
        most_retries: 100,
        retry: RetryPolicy { max_retries: 2, max_lost: 3, first_ms: 4_000, max_ms: 60_000 },
        runtimes: runtimes.collect(),
    }
}
