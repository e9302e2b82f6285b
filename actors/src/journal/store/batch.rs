//! [`Batch`]: the writes of one transaction, with the statements that all of them need at hand.
//!
//! It only borrows what it writes: should the transaction be rolled back, everything is still there
//! to be tried again.

use super::insert::{Messages, Rows};
use super::ledger::{self, Desk};
use super::place::{Place, count};
use super::streams::{Heads, Streams};
use super::{aside, content, snapshots};
use crate::journal::queue::Write;
use crate::journal::{Append, Aside, Entered, Entry, Fault, NewMessage};
use crate::vocabulary::{Position, Timestamp};
use rusqlite::Connection;

/// How one append or publication of a batch came out.
pub(crate) type Written = Result<Place, Fault>;

/// How one write of a batch came out.
pub(crate) enum Done {
    /// Its messages stand here.
    Placed(Written),
    /// What the ledger says to it, and where it published, if it did.
    Entered(Entered, Option<Place>),
}

/// A transaction's work.
pub(super) struct Batch<'s> {
    connection: &'s Connection,
    streams: Streams<'s>,
    messages: Messages<'s>,
    rows: &'s mut Rows,
    /// The newest position.
    last: Position,
    now: Timestamp,
}

impl<'s> Batch<'s> {
    /// A batch behind position `last`.
    pub(super) fn new(
        connection: &'s Connection,
        heads: &'s mut Heads,
        rows: &'s mut Rows,
        root: &'s str,
        last: Position,
        now: Timestamp,
    ) -> rusqlite::Result<Self> {
        let streams = Streams::new(connection, heads, now)?;
        let messages = Messages::new(connection, root, now)?;
        Ok(Self { connection, streams, messages, rows, last, now })
    }

    /// Writes them, in order, and says where each came to stand and which position is the newest. An
    /// append whose stream does not end where it expects is answered with a conflict and left out.
    pub(super) fn write(mut self, writes: &[Write]) -> rusqlite::Result<(Vec<Done>, Position)> {
        let mut done = Vec::with_capacity(writes.len());
        for write in writes {
            done.push(match write {
                Write::Append(append) => Done::Placed(self.append(append)?),
                Write::Publish(publish) => Done::Placed(Ok(self.publish(&publish.message)?)),
                Write::Enter(entry) => self.enter(&entry.entry)?,
                Write::Aside(aside) => Done::Placed(self.aside(aside)?),
                // No rows: the writer carries it out between two batches.
                Write::Sweep(_) | Write::Settle => Done::Placed(Ok(Place::of(&[], self.last, 0))),
            });
        }
        Ok((done, self.last))
    }

    fn append(&mut self, append: &Append) -> rusqlite::Result<Written> {
        let head = self.streams.head(append)?;
        let found = head.position.unwrap_or(0);
        if found != append.head {
            return Ok(Err(Fault::Conflict { expected: append.head, found }));
        }
        let place = Place::of(&append.messages, self.last + 1, head.version);
        self.last += count(append.messages.len());
        // The stream first. A message that names a stream which is not there yet is in debt, and the
        // stream's row, when it comes, has all messages looked through for debts that it pays.
        self.streams.advance(append, head, place.after, self.last)?;
        let mut numbering = place.numbering();
        let mut previous = head.position;
        for message in &append.messages {
            let spot = numbering.step(message);
            self.messages.insert(message, spot, Some(head), previous)?;
            previous = Some(spot.position);
        }
        if let Some(change) = &append.row {
            self.rows.change(self.connection, head.id, append.stream.name.as_str(), change)?;
        }
        if let Some(snapshot) = &append.snapshot {
            snapshots::put(self.connection, head.id, snapshot)?;
        }
        for held in &append.held {
            content::note(self.connection, held, self.now)?;
        }
        Ok(Ok(place))
    }

    fn enter(&mut self, entry: &Entry) -> rusqlite::Result<Done> {
        let desk = Desk { connection: self.connection, now: self.now };
        match (ledger::enter(desk, entry)?, entry) {
            // The key is new: now it is said.
            (Entered::Missing, Entry::Publish { key, message }) => {
                let place = self.publish(message)?;
                desk.remember(key, message, place.first)?;
                Ok(Done::Entered(Entered::Published(place.first), Some(place)))
            }
            (entered, _) => Ok(Done::Entered(entered, None)),
        }
    }

    /// Rows outside any stream, with the messages that tell of them.
    fn aside(&mut self, aside: &Aside) -> rusqlite::Result<Written> {
        if let Err(conflict) = aside::expect(self.connection, &aside.rows)? {
            return Ok(Err(conflict));
        }
        let place = Place::of(&aside.messages, self.last + 1, 0);
        aside::write(self.connection, &aside.rows, place.first, self.now)?;
        for message in &aside.messages {
            self.publish(message)?;
        }
        Ok(Ok(place))
    }

    fn publish(&mut self, message: &NewMessage) -> rusqlite::Result<Place> {
        self.last += 1;
        let place = Place { first: self.last, before: 0, after: 0 };
        self.messages.insert(message, place.numbering().step(message), None, None)?;
        Ok(place)
    }
}
