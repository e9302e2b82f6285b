//! What waits for the writer: bounded by bytes, outliving the writer's restarts.

use super::{Append, Aside, Fault, Publish};
use crate::journal::ledger::ToEnter;
use crate::journal::sweep::Sweep;
use crate::machine::{Change, Field};
use actix::Recipient;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Tells the writer that something waits.
#[derive(actix::Message)]
#[rtype(result = "()")]
pub(super) struct Wake;

/// One thing to write.
#[derive(Debug)]
pub(super) enum Write {
    Append(Append),
    Publish(Publish),
    Enter(ToEnter),
    Aside(Aside),
    Sweep(Sweep),
    /// This start has settled.
    Settle,
}

impl Write {
    /// Roughly the memory it holds.
    fn bytes(&self) -> usize {
        match self {
            Self::Append(append) => {
                append.messages.iter().map(|m| 200 + m.data.get().len()).sum::<usize>()
                    + append.row.as_ref().map_or(0, row_bytes)
                    + append.snapshot.as_ref().map_or(0, |snapshot| snapshot.data.len())
            }
            Self::Publish(publish) => 200 + publish.message.data.get().len(),
            Self::Enter(entry) => entry.bytes(),
            Self::Aside(aside) => aside.bytes(),
            Self::Sweep(_) | Self::Settle => 1_000,
        }
    }

    /// How many rows it adds.
    pub(super) fn rows(&self) -> usize {
        match self {
            Self::Append(append) => append.messages.len(),
            Self::Aside(aside) => aside.messages.len(),
            Self::Publish(_) | Self::Enter(_) | Self::Sweep(_) | Self::Settle => 1,
        }
    }

    /// Answers that it failed.
    pub(super) fn fail(self, fault: &Fault) {
        match self {
            Self::Append(append) => drop(append.reply.send(Err(fault.clone()))),
            Self::Publish(publish) => {
                publish.reply.map(|reply| reply.send(Err(fault.clone())));
            }
            Self::Enter(entry) => drop(entry.reply.send(Err(fault.clone()))),
            Self::Aside(aside) => drop(aside.reply.send(Err(fault.clone()))),
            Self::Sweep(sweep) => drop(sweep.reply.send(Err(fault.clone()))),
            Self::Settle => tracing::warn!(%fault, "failed to note that this start has settled"),
        }
    }
}

fn row_bytes(change: &Change) -> usize {
    let (Change::Put(row) | Change::Patch(row)) = change;
    let field = |f: &Field| if let Field::Text(text) = f { 16 + text.len() } else { 16 };
    row.columns.iter().map(|(_, value)| field(value)).sum()
}

/// The queue between everyone and the writer.
#[derive(Debug)]
pub(super) struct Queue {
    limit: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<Write>,
    bytes: usize,
    rows: usize,
    writer: Option<Recipient<Wake>>,
}

impl State {
    /// Takes the first writes up to `rows` rows, at least one.
    fn take_some(&mut self, rows: usize) -> Vec<Write> {
        let mut taken = 0;
        let mut is_room = |write: &Write| {
            let is_room = taken < rows;
            taken += write.rows();
            is_room
        };
        let count = self.waiting.iter().take_while(|write| is_room(write)).count();
        let some: Vec<_> = self.waiting.drain(..count).collect();
        self.rows -= some.iter().map(Write::rows).sum::<usize>();
        self.bytes -= some.iter().map(Write::bytes).sum::<usize>();
        some
    }
}

impl Queue {
    /// A queue that holds at most `limit` bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a write in line, or answers it with [`Fault::Overloaded`].
    pub(super) fn push(&self, write: Write) {
        let (bytes, rows) = (write.bytes(), write.rows());
        let mut state = self.state();
        if state.bytes + bytes > self.limit && !state.waiting.is_empty() {
            drop(state);
            write.fail(&Fault::Overloaded);
            return;
        }
        state.bytes += bytes;
        state.rows += rows;
        state.waiting.push(write);
        if state.waiting.len() == 1
            && let Some(writer) = &state.writer
        {
            writer.do_send(Wake);
        }
    }

    /// Takes what waits, up to `rows` rows. Mostly that is all: then nothing is moved under the lock.
    pub(super) fn take(&self, rows: usize) -> Vec<Write> {
        let mut state = self.state();
        if state.rows > rows {
            return state.take_some(rows);
        }
        (state.rows, state.bytes) = (0, 0);
        std::mem::take(&mut state.waiting)
    }

    /// A writer reports for work; what was left waiting wakes it.
    pub(super) fn attend(&self, writer: Recipient<Wake>) {
        let mut state = self.state();
        if !state.waiting.is_empty() {
            writer.do_send(Wake);
        }
        state.writer = Some(writer);
    }

    /// How much waits: writes and bytes.
    pub(super) fn depth(&self) -> (usize, usize) {
        let state = self.state();
        (state.waiting.len(), state.bytes)
    }
}
