//! The persistence actor: the only one who writes.
//!
//! It drains whatever waits into one transaction. While that commits, the next batch gathers: the
//! commit in progress is the timer, so there is no batch size to tune and no sleep. After a COMMIT
//! that failed it trusts nothing until the database has been opened anew and checkpointed.

use super::handle::Shared;
use super::queue::{Wake, Write};
use super::store::{CommitError, Store, Written};
use super::sweep;
use super::{Fault, OpenError};
use actix::{Actor, AsyncContext, Context, Handler};
use std::sync::Arc;
use std::time::Duration;

/// Writes what the queue holds. It lives on a thread of its own, because `SQLite` blocks.
pub struct Writer {
    shared: Arc<Shared>,
    store: Store,
    suspect: Option<String>,
    // Dropped last: its end says that this writer's connection has been closed.
    _lifeline: Box<dyn std::any::Any>,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("suspect", &self.suspect).finish_non_exhaustive()
    }
}

impl Writer {
    /// The most rows in one transaction.
    const BATCH_ROWS: usize = 8_192;
    /// How often it looks whether a failing disk has recovered.
    const MEND_EVERY: Duration = Duration::from_millis(500);
    /// `PRAGMA optimize` runs this often.
    const OPTIMIZE_EVERY: Duration = Duration::from_hours(24);

    pub(super) fn open(
        shared: Arc<Shared>,
        lifeline: Box<dyn std::any::Any>,
    ) -> Result<Self, OpenError> {
        let store = Store::open(shared.store_settings())?;
        // A doubt outlives the writer that had it.
        let suspect = shared.health.doubt();
        if suspect.is_none() {
            shared.feed.restart(store.last());
        }
        Ok(Self { shared, store, suspect, _lifeline: lifeline })
    }

    /// Writes all that waits: the system stops.
    pub(crate) fn drain(&mut self) {
        loop {
            let batch = self.shared.queue.take(Self::BATCH_ROWS);
            if batch.is_empty() {
                return;
            }
            self.write(batch);
        }
    }

    fn write(&mut self, batch: Vec<Write>) {
        if let Err(error) = self.mend() {
            let fault = Fault::Unavailable(error);
            fail_all(batch, &fault);
            return;
        }
        let (sweeps, writes): (Vec<_>, Vec<_>) =
            batch.into_iter().partition(|write| matches!(write, Write::Sweep(_)));
        if !writes.is_empty() {
            self.commit(writes);
        }
        for sweep in sweeps {
            if let Write::Sweep(sweep) = sweep {
                sweep::carry_out(&mut self.store, self.shared.home(), sweep);
            }
        }
    }

    fn commit(&mut self, batch: Vec<Write>) {
        let now = self.shared.clock.now();
        match self.store.commit(&batch, now) {
            Ok(written) => self.answer(batch, written),
            Err(CommitError::RolledBack(error)) => {
                tracing::error!(%error, "a batch of {} was refused", batch.len());
                self.shared.health.failing(now, &error.to_string(), false);
                let fault = Fault::Refused(error.to_string());
                fail_all(batch, &fault);
            }
            Err(CommitError::Unknown(error)) => {
                tracing::error!(%error, "a COMMIT failed: opening the database anew");
                self.shared.health.failing(now, &error.to_string(), true);
                self.suspect = Some(error.to_string());
                let fault = Fault::Unknown(error.to_string());
                fail_all(batch, &fault);
            }
        }
    }

    fn answer(&self, batch: Vec<Write>, written: Vec<Written>) {
        self.shared.health.well();
        let published = written.iter().flatten().flat_map(|(_, messages)| messages);
        let published = published.filter(|message| message.topic.is_some()).cloned().collect();
        self.shared.feed.publish(published, self.store.last());
        for (write, result) in batch.into_iter().zip(written) {
            let result = result.map(|(committed, _)| committed);
            match write {
                // Whoever does not wait any more will find it in the journal.
                Write::Append(append) => drop(append.reply.send(result)),
                Write::Publish(publish) => {
                    publish.reply.map(|reply| reply.send(result));
                }
                Write::Aside(aside) => drop(aside.reply.send(result)),
                Write::Sweep(_) => {}
            }
        }
    }

    /// After a failed COMMIT: opens the database anew, or says why it cannot yet.
    fn mend(&mut self) -> Result<(), String> {
        if self.suspect.is_none() {
            return Ok(());
        }
        self.store.reopen().inspect_err(|error| {
            self.suspect = Some(error.clone());
            self.shared.health.failing(self.shared.clock.now(), error, true);
        })?;
        tracing::info!("the journal writes again");
        self.suspect = None;
        self.shared.feed.restart(self.store.last());
        self.shared.health.well();
        Ok(())
    }
}

fn fail_all(batch: Vec<Write>, fault: &Fault) {
    for write in batch {
        write.fail(fault);
    }
}

impl Actor for Writer {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        // The error is in `health` already.
        let _ = self.mend();
        self.shared.queue.attend(ctx.address().recipient());
        ctx.run_interval(Self::MEND_EVERY, |writer, _| {
            let _ = writer.mend();
        });
        ctx.run_interval(Self::OPTIMIZE_EVERY, |writer, _| {
            if let Err(error) = writer.store.optimize() {
                tracing::warn!(%error, "failed to optimize the database");
            }
        });
    }
}

impl Handler<Wake> for Writer {
    type Result = ();

    fn handle(&mut self, _: Wake, ctx: &mut Self::Context) {
        let batch = self.shared.queue.take(Self::BATCH_ROWS);
        if batch.is_empty() {
            return;
        }
        self.write(batch);
        // Once more for what came meanwhile, behind a Shutdown that may be waiting.
        ctx.address().do_send(Wake);
    }
}
