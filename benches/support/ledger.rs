//! A journal with its writer at work on a thread of its own, as in the tree.

use actix::{Actor, Arbiter};
use callboard_actors::journal::{Append, Committed, Home, Journal, JournalSettings};
use callboard_actors::vocabulary::{Clock, Timestamp};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::oneshot;

/// A journal that counts its commits.
pub(crate) struct Ledger {
    /// The journal.
    pub(crate) journal: Journal,
    commits: Arc<AtomicU64>,
    arbiter: Arbiter,
}

impl Ledger {
    /// Opens the journal of a home and starts its writer.
    pub(crate) fn open(folder: &Path) -> anyhow::Result<Self> {
        let commits = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&commits);
        // The writer asks for the time once a commit; nobody else does here.
        let clock = Clock::from_fn(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            Timestamp(1_800_000_000_000)
        });
        let home = Home::open(folder, None)?;
        let journal = Journal::open(home, JournalSettings::default(), clock)?;
        let arbiter = Arbiter::new();
        let writing = journal.clone();
        arbiter.spawn_fn(move || {
            let writer = writing.writer(()).expect("the journal has just been opened");
            writer.start();
        });
        Ok(Self { journal, commits, arbiter })
    }

    /// How many commits there have been.
    pub(crate) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Ends the writer.
    pub(crate) fn close(self) -> anyhow::Result<()> {
        self.arbiter.stop();
        self.arbiter.join().map_err(|_| anyhow::anyhow!("the writer panicked"))
    }
}

/// Appends, and waits until it is durable.
pub(crate) async fn append(
    journal: &Journal,
    make: impl FnOnce(oneshot::Sender<Result<Committed, callboard_actors::journal::Fault>>) -> Append,
) -> anyhow::Result<Committed> {
    let (reply, answer) = oneshot::channel();
    journal.append(make(reply));
    Ok(answer.await??)
}
