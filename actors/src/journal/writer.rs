//! The persistence actor: the only one who writes.
//!
//! It drains whatever waits into one transaction. While that commits, the next batch gathers: the
//! commit in progress is the timer, so there is no batch size to tune and no sleep. After a COMMIT
//! that failed it trusts nothing until the database has been opened anew and checkpointed.

use super::handle::{Shared, UNSETTLED};
use super::integrity;
use super::ledger::{Entered, Entry, ToEnter};
use super::queue::{Wake, Write};
use super::store::{CommitError, Done, Place, Store, Written};
use super::sweep;
use super::{Committed, Fault, Message, NewMessage, OpenError};
use crate::machine::Held;
use crate::vocabulary::{StreamId, Timestamp};
use actix::{Actor, AsyncContext, Context, Handler};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

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
            Write::Append(_) | Write::Publish(_) | Write::Enter(_) | Write::Aside(_) => {}
        }
    }

    fn commit(&mut self, batch: Vec<Write>) {
        let now = self.shared.clock.now();
        match self.store.commit(&batch, now) {
            Ok(done) => self.answer(batch, done, now),
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
    fn answer(&self, batch: Vec<Write>, done: Vec<Done>, now: Timestamp) {
        self.shared.health.well();
        let root = self.shared.topic_root();
        let mut show = Show { root, now, messages: Vec::new(), left: Vec::new() };
        let answers: Vec<_> = batch
            .into_iter()
            .zip(done)
            .filter_map(|(write, done)| show.take(write, done))
            .collect();
        self.shared.feed.publish(show.messages, self.store.last());
        for answer in answers {
            answer.send();
        }
        for file in show.left {
            sweep::remove_left(&self.store, self.shared.home(), &file);
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

/// An answer on its way to whoever asked for the write.
enum Answer {
    Committed(oneshot::Sender<Result<Committed, Fault>>, Result<Committed, Fault>),
    Entered(oneshot::Sender<Result<Entered, Fault>>, Entered),
}

impl Answer {
    /// Whoever does not wait any more will find it in the journal.
    fn send(self) {
        match self {
            Self::Committed(reply, committed) => drop(reply.send(committed)),
            Self::Entered(reply, entered) => drop(reply.send(Ok(entered))),
        }
    }
}

/// What a batch shows to subscribers, and leaves behind.
struct Show<'a> {
    root: &'a str,
    now: Timestamp,
    messages: Vec<Arc<Message>>,
    /// Files whose content has moved.
    left: Vec<String>,
}

impl Show<'_> {
    /// Takes in what came of one write.
    fn take(&mut self, write: Write, done: Done) -> Option<Answer> {
        match (write, done) {
            (Write::Append(append), Done::Placed(written)) => {
                if written.is_ok() {
                    self.leave(append.held);
                }
                let committed = self.place(Some(&append.stream), append.messages, written);
                Some(Answer::Committed(append.reply, committed))
            }
            (Write::Publish(publish), Done::Placed(written)) => {
                let committed = self.place(None, vec![publish.message], written);
                Some(Answer::Committed(publish.reply?, committed))
            }
            (Write::Aside(aside), Done::Placed(written)) => {
                let committed = self.place(None, aside.messages, written);
                Some(Answer::Committed(aside.reply, committed))
            }
            (Write::Enter(ToEnter { entry, reply }), Done::Entered(entered, place)) => {
                if let (Entry::Publish { message, .. }, Some(place)) = (entry, place) {
                    self.published(None, vec![message], place);
                }
                Some(Answer::Entered(reply, entered))
            }
            // Each comes out as what it is; the rest is no part of a commit.
            _ => None,
        }
    }

    fn leave(&mut self, held: Vec<Held>) {
        let moved = held.into_iter().filter_map(|held| match held {
            Held::Moved { from, .. } => Some(from.file.clone()),
            _ => None,
        });
        self.left.extend(moved);
    }

    fn place(
        &mut self,
        stream: Option<&StreamId>,
        messages: Vec<NewMessage>,
        written: Written,
    ) -> Result<Committed, Fault> {
        written.map(|place| {
            self.published(stream, messages, place);
            place.committed()
        })
    }

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
            if let Err(error) = writer.store.optimize(writer.shared.clock.now()) {
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
