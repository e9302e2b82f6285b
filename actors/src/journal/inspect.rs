//! [`Inspection`]: a journal looked at from outside: a dead one, a copy, or one whose server is at work.
//!
//! It takes no lock and leaves everything as it is: it cannot write, and closing it does not fold the
//! write-ahead log into the database. What takes long is read from one snapshot; as long as that is
//! open, a server beside it cannot reclaim its log.

use super::rebuild::{RebuildTable, SHOWS, compare};
use super::store::{query, read_only};
use super::verify::{unseen, verify};
use super::{Fault, Finding, Home, Message, OpenError};
use rusqlite::Connection;
use std::path::Path;

pub use super::store::query::StreamInfo;

/// An opened database.
#[derive(Debug)]
pub struct Inspection(Connection);

impl Inspection {
    /// Opens a database, which has to be there.
    pub fn open(database: &Path) -> Result<Self, OpenError> {
        read_only(database).map(Self)
    }

    /// All streams, the oldest first.
    pub fn streams(&self) -> Result<Vec<StreamInfo>, Fault> {
        query::streams(&self.0).map_err(Fault::reading)
    }

    /// A stream's messages, the oldest first; `None`: there is no such stream.
    pub fn messages(&self, kind: &str, name: &str) -> Result<Option<Vec<Message>>, Fault> {
        query::stream_messages(&self.0, kind, name).map_err(Fault::reading)
    }

    /// Whether the database keeps the journal's promises, the files it names are there, and the read
    /// models show what their streams amount to. An empty list means that all is well.
    pub fn verify(&self, home: &Home, tables: &[RebuildTable]) -> Result<Vec<Finding>, Fault> {
        let mut findings = verify(home, &self.0).map_err(Fault::reading)?;
        let snapshot = self.0.unchecked_transaction().map_err(Fault::reading)?;
        match compare(&snapshot, tables) {
            Ok(more) => findings.extend(more),
            Err(error) => findings.push(unseen(SHOWS, &error)),
        }
        Ok(findings)
    }
}
