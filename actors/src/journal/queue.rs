//! What waits for the writer: bounded by bytes, outliving the writer's restarts.

use super::{Append, Aside, Fault, Publish};
use crate::journal::sweep::Sweep;
use crate::machine::{Change, Field};
use actix::Recipient;
use std::collections::VecDeque;
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
    Aside(Aside),
    Sweep(Sweep),
}

impl Write {
    /// Roughly the memory it holds.
    fn bytes(&self) -> usize {
        match self {
            Self::Append(append) => {
                append.messages.iter().map(|m| 200 + m.data.len()).sum::<usize>()
                    + append.row.as_ref().map_or(0, row_bytes)
            }
            Self::Publish(publish) => 200 + publish.message.data.len(),
            Self::Aside(aside) => aside.bytes(),
            Self::Sweep(_) => 1_000,
        }
    }

    /// How many rows it adds.
    pub(super) fn rows(&self) -> usize {
        match self {
            Self::Append(append) => append.messages.len(),
            Self::Aside(aside) => aside.messages.len(),
            Self::Publish(_) | Self::Sweep(_) => 1,
        }
    }

    /// Answers that it failed.
    pub(super) fn fail(self, fault: &Fault) {
        match self {
            Self::Append(append) => drop(append.reply.send(Err(fault.clone()))),
            Self::Publish(publish) => {
                publish.reply.map(|reply| reply.send(Err(fault.clone())));
            }
            Self::Aside(aside) => drop(aside.reply.send(Err(fault.clone()))),
            Self::Sweep(sweep) => drop(sweep.reply.send(Err(fault.clone()))),
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
    waiting: VecDeque<(usize, Write)>,
    bytes: usize,
    writer: Option<Recipient<Wake>>,
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
        let bytes = write.bytes();
        let mut state = self.state();
        if state.bytes + bytes > self.limit && !state.waiting.is_empty() {
            drop(state);
            write.fail(&Fault::Overloaded);
            return;
        }
        state.bytes += bytes;
        state.waiting.push_back((bytes, write));
        if state.waiting.len() == 1
            && let Some(writer) = &state.writer
        {
            writer.do_send(Wake);
        }
    }

    /// Takes what waits, up to `rows` rows.
    pub(super) fn take(&self, rows: usize) -> Vec<Write> {
        let mut state = self.state();
        let mut taken = Vec::new();
        let mut count = 0;
        while count < rows
            && let Some((bytes, write)) = state.waiting.pop_front()
        {
            state.bytes -= bytes;
            count += write.rows();
            taken.push(write);
        }
        taken
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
