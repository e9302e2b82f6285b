//! The persistence actor: the only one who writes.
//!
//! It drains whatever waits into one transaction. While that commits, the next batch gathers: the
//! commit in progress is the timer, so there is no batch size to tune and no sleep. After a COMMIT
//! that failed it trusts nothing until the database has been opened anew and checkpointed.

use super::handle::{Shared, UNSETTLED};
use super::integrity;
use super::queue::{Wake, Write};
use super::store::{CommitError, Place, Store, Written};
use super::sweep;
use super::{Fault, Message, NewMessage, OpenError};
use crate::machine::Held;
use crate::vocabulary::{StreamId, Timestamp};
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
            // A disk that does not take this takes nothing: the next write will say so.
            if let Err(error) = integrity::begin(&store) {
                tracing::warn!(%error, "failed to note that a server is at work");
            }
        }
        shared.count_start(&store);
        Ok(Self { shared, store, suspect, _lifeline: lifeline })
    }

    /// Writes all that waits, and that this is an end in order: the system stops.
    pub(crate) fn drain(&mut self) {
        loop {
            let batch = self.shared.queue.take(Self::BATCH_ROWS);
            if batch.is_empty() {
                break;
            }
            self.write(batch);
        }
        if let Err(error) = integrity::end(&self.store) {
            tracing::warn!(%error, "failed to note that the server ends in order");
        }
    }

    fn write(&mut self, mut batch: Vec<Write>) {
        if let Err(error) = self.mend() {
            let fault = Fault::Unavailable(error);
            fail_all(batch, &fault);
            return;
        }
        let is_deed = |write: &mut Write| matches!(write, Write::Sweep(_) | Write::Settle);
        let deeds: Vec<_> = batch.extract_if(.., is_deed).collect();
        if !batch.is_empty() {
            self.commit(batch);
        }
        for deed in deeds {
            self.carry_out(deed);
        }
    }

    /// What is no row: done between two batches.
    fn carry_out(&mut self, deed: Write) {
        match deed {
            Write::Sweep(sweep) => sweep::carry_out(&mut self.store, self.shared.home(), sweep),
            Write::Settle => {
                if let Err(error) = self.store.forget_meta(UNSETTLED) {
                    deed.fail(&Fault::Refused(error.to_string()));
                }
            }
            Write::Append(_) | Write::Publish(_) => {}
        }
    }

    fn commit(&mut self, batch: Vec<Write>) {
        let now = self.shared.clock.now();
        match self.store.commit(&batch, now) {
            Ok(written) => self.answer(batch, written, now),
            Err(CommitError::Spoiled(_)) if batch.len() > 1 => self.halve(batch),
            Err(CommitError::Spoiled(error)) => {
                tracing::error!(%error, "a write was refused");
                fail_all(batch, &Fault::Refused(error.to_string()));
            }
            Err(CommitError::RolledBack(error)) => {
                tracing::error!(%error, "a batch of {} was refused", batch.len());
                self.shared.health.failing(now, &error.to_string(), false);
                let fault = Fault::Refused(error.to_string());
                fail_all(batch, &fault);
            }
            Err(error @ CommitError::Shared) => {
                self.doubt(&error.to_string());
                fail_all(batch, &Fault::Refused(error.to_string()));
            }
            Err(CommitError::Unknown(error)) => {
                self.doubt(&error);
                fail_all(batch, &Fault::Unknown(error));
            }
        }
    }

    /// Nothing counts until the database has been opened anew.
    fn doubt(&mut self, why: &str) {
        tracing::error!(why, "nothing is written until the database has been opened anew");
        self.shared.health.failing(self.shared.clock.now(), why, true);
        self.suspect = Some(why.to_owned());
    }

    /// One of the batch spoils it: looks for it, so that only that one is refused.
    fn halve(&mut self, mut batch: Vec<Write>) {
        let behind = batch.split_off(batch.len() / 2);
        self.write(batch);
        self.write(behind);
    }

    /// What was committed is published, then everyone is answered.
    fn answer(&self, batch: Vec<Write>, written: Vec<Written>, now: Timestamp) {
        self.shared.health.well();
        let mut show = Show { root: self.shared.topic_root(), now, messages: Vec::new() };
        let mut replies = Vec::with_capacity(batch.len());
        let mut left = Vec::new();
        for (write, place) in batch.into_iter().zip(written) {
            let (stream, messages, reply) = match write {
                Write::Append(append) => {
                    left.extend(append.held.into_iter().filter(|_| place.is_ok()));
                    (Some(append.stream), append.messages, Some(append.reply))
                }
                Write::Publish(publish) => (None, vec![publish.message], publish.reply),
                Write::Sweep(_) | Write::Settle => continue,
            };
            let committed = place.map(|place| {
                show.published(stream.as_ref(), messages, place);
                place.committed()
            });
            replies.extend(reply.map(|reply| (reply, committed)));
        }
        self.shared.feed.publish(show.messages, self.store.last());
        for (reply, committed) in replies {
            // Whoever does not wait any more will find it in the journal.
            let _ = reply.send(committed);
        }
        for held in left {
            if let Held::Moved { from, .. } = held {
                sweep::remove_left(&self.store, self.shared.home(), &from.file);
            }
        }
    }

    /// After a failed COMMIT, and when the database is not where it was: opens it anew, or says why it
    /// cannot yet.
    fn mend(&mut self) -> Result<(), String> {
        if self.suspect.is_none() {
            let Err(why) = self.store.check_place() else { return Ok(()) };
            self.doubt(&why);
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

/// What a batch shows to subscribers.
struct Show<'a> {
    root: &'a str,
    now: Timestamp,
    messages: Vec<Arc<Message>>,
}

impl Show<'_> {
    /// Takes in those of an append's messages that are published.
    fn published(&mut self, stream: Option<&StreamId>, messages: Vec<NewMessage>, place: Place) {
        let mut numbering = place.numbering();
        for new in messages {
            let spot = numbering.step(&new);
            if new.topic.is_some() {
                let message = Message::committed(new, stream, spot, self.root, self.now);
                self.messages.push(Arc::new(message));
            }
        }
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
