//! Whether the database file is whole, and whether the machine fell while a server was at work.
//!
//! A server that is killed leaves a whole database: what it wrote is in the kernel's hands. When the
//! machine itself goes, the disk may not have kept what it promised, so the file is looked through
//! before anybody is served; otherwise that is done in the background. Damage is said, not mended.

use super::OpenError;
use super::store::{Store, query, read_only};
use rusqlite::Connection;
use serde::Serialize;
use std::path::Path;

/// What a look through the database found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Integrity {
    /// What is damaged; nothing: it is whole.
    pub findings: Vec<String>,
}

/// The machine's boot on which a server works that has not ended in order yet.
const RUNNING_ON: &str = "running_on";

impl Integrity {
    /// Looks through a database on a connection of its own. As long as that takes, the write-ahead
    /// log grows.
    pub(super) fn of(database: &Path) -> Result<Self, OpenError> {
        Ok(Self::seen_by(&read_only(database)?))
    }

    pub(super) fn seen_by(connection: &Connection) -> Self {
        // Some damage is an error in looking.
        let findings = query::quick_check(connection);
        Self { findings: findings.unwrap_or_else(|error| vec![error.to_string()]) }
    }

    /// `Ok` if it is whole, else what to be told.
    pub(super) fn verdict(&self) -> Result<(), String> {
        if self.findings.is_empty() {
            return Ok(());
        }
        Err(format!("the database is damaged ({}): restore a backup", self.findings.join("; ")))
    }
}

/// Whether a server was at work when the machine went down.
pub(super) fn machine_fell(store: &Store) -> rusqlite::Result<bool> {
    Ok(store.meta(RUNNING_ON)?.is_some_and(|boot| boot != this_boot()))
}

/// A writer is at work from now on.
pub(super) fn begin(store: &Store) -> rusqlite::Result<()> {
    store.set_meta(RUNNING_ON, &this_boot())
}

/// It ends in order.
pub(super) fn end(store: &Store) -> rusqlite::Result<()> {
    store.forget_meta(RUNNING_ON)
}

/// Which boot of the machine this is. Where that cannot be told, all are one: then the background has
/// to do.
fn this_boot() -> String {
    let read = std::fs::read_to_string("/proc/sys/kernel/random/boot_id");
    read.map_or_else(|_| "unknown".into(), |id| id.trim().to_owned())
}
