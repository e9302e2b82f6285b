//! [`Server`]: one server as it stands: what is wanted of it, whether it is up, what it offers. Its connection writes it,
//! callers and onlookers read it.

use super::listing::{Listing, Offered};
use super::spec::ServerSpec;
use callboard_actors::tools::Source;
use rmcp::RoleClient;
use rmcp::service::Peer;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// One server.
pub(super) struct Server {
    pub(super) spec: ServerSpec,
    shared: Mutex<Shared>,
    /// Counts the changes.
    changes: watch::Sender<u64>,
    calls: AtomicUsize,
    /// Somebody had no answer.
    doubt: Notify,
}

#[derive(Default)]
struct Shared {
    state: State,
    listing: Option<Arc<Listing>>,
    is_wanted: bool,
    held_by: Option<String>,
}

/// Whether it is to be reached.
#[derive(Clone, Default)]
pub(super) enum State {
    /// Nobody has wanted anything of it.
    #[default]
    Asleep,
    /// It is being started.
    Starting,
    /// It answers.
    Up(Peer<RoleClient>),
    /// It does not, and is tried again after a while.
    Down { why: String },
    /// An operator stopped it.
    Stopped { by: String },
}

/// A call that is under way.
pub(super) struct UnderWay<'a>(&'a Server);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.calls.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Server {
    pub(super) fn new(spec: ServerSpec, is_wanted: bool) -> Self {
        let shared = Mutex::new(Shared { is_wanted, ..Shared::default() });
        Self {
            spec,
            shared,
            changes: watch::Sender::new(0),
            calls: AtomicUsize::new(0),
            doubt: Notify::new(),
        }
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Shared)) {
        change(&mut self.shared());
        self.changes.send_modify(|count| *count += 1);
    }

    pub(super) fn state(&self) -> State {
        self.shared().state.clone()
    }

    pub(super) fn set(&self, state: State) {
        self.change(|shared| shared.state = state);
    }

    pub(super) fn listing(&self) -> Option<Arc<Listing>> {
        self.shared().listing.clone()
    }

    pub(super) fn offer(&self, listing: Listing) {
        self.change(|shared| shared.listing = Some(Arc::new(listing)));
    }

    pub(super) fn find(&self, tool: &str) -> Option<Offered> {
        self.shared().listing.as_ref()?.tools.get(tool).cloned()
    }

    /// Somebody wants something of it; true if that is news.
    pub(super) fn want(&self) -> bool {
        let mut shared = self.shared();
        !std::mem::replace(&mut shared.is_wanted, true)
    }

    /// Whether it is to run.
    pub(super) fn is_to_run(&self) -> bool {
        let shared = self.shared();
        shared.is_wanted && shared.held_by.is_none()
    }

    /// An operator stops it, or lets it run.
    pub(super) fn hold(&self, by: Option<String>) {
        self.change(|shared| {
            shared.is_wanted |= by.is_none();
            shared.held_by = by;
        });
    }

    pub(super) fn held_by(&self) -> Option<String> {
        self.shared().held_by.clone()
    }

    /// Counts a call for as long as it is under way.
    pub(super) fn under_way(&self) -> UnderWay<'_> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        UnderWay(self)
    }

    /// How many calls are under way.
    pub(super) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    /// Somebody had no answer: it may not be there any more.
    pub(super) fn doubt(&self) {
        self.doubt.notify_one();
    }

    /// Until somebody had none.
    pub(super) async fn doubted(&self) {
        self.doubt.notified().await;
    }

    /// Waits until something holds of it, so long at most.
    pub(super) async fn until<T>(
        &self,
        limit: Duration,
        look: impl Fn(&Self) -> Option<T>,
    ) -> Option<T> {
        let mut changes = self.changes.subscribe();
        let found = async {
            loop {
                if let Some(found) = look(self) {
                    return found;
                }
                if changes.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        tokio::time::timeout(limit, found).await.ok()
    }

    /// How it stands, in words.
    pub(super) fn told(&self) -> String {
        match self.state() {
            State::Asleep => "it has not been needed yet".into(),
            State::Starting => "it is being started".into(),
            State::Up(_) => "it is up".into(),
            State::Down { why } => why,
            State::Stopped { by } => format!("it was stopped by {by}"),
        }
    }

    /// The same for onlookers.
    pub(super) fn source(&self) -> Source {
        let listing = self.listing();
        let offered = listing.as_deref();
        Source {
            name: self.spec.name.clone(),
            is_up: matches!(self.state(), State::Up(_)),
            is_listed: offered.is_some(),
            state: self.told(),
            tools: offered.map_or(0, |listing| listing.tools.len()),
            left_out: offered.map(|listing| listing.left_out.clone()).unwrap_or_default(),
        }
    }
}
