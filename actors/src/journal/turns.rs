//! What the queue of processes looks like: for the service that admits, which decides whose turn it is.

use super::store::turns;
use super::{Fault, Reader};
use crate::vocabulary::{Name, Timestamp};
use rusqlite::Connection;
use std::collections::BTreeMap;

/// One look at the queue.
#[derive(Debug, Default)]
pub struct Turns {
    /// Who waits, is due, and belongs to a session in which nobody is at work.
    pub waiting: Vec<Waiting>,
    /// Who is parked though it counts as at work.
    pub parked: Vec<Name>,
    /// How many places are free, by runtime.
    pub places: BTreeMap<String, usize>,
    /// When to look again, if nothing else happens.
    pub next_due: Option<Timestamp>,
}

/// A process that waits for its turn.
#[derive(Debug)]
pub struct Waiting {
    /// Its stream's number: the order of age.
    pub stream: i64,
    /// Its id.
    pub name: String,
    /// Its session.
    pub session: String,
    /// Its runtime.
    pub runtime: String,
    /// The higher, the sooner.
    pub priority: i64,
    /// Since when it is there, in milliseconds.
    pub created_at: i64,
}

impl Reader {
    /// Looks at the queue of every runtime that anybody waits for; one without a limit has `unknown`
    /// places.
    pub async fn turns(
        &self,
        limits: BTreeMap<String, usize>,
        unknown: usize,
        now: Timestamp,
    ) -> Result<Turns, Fault> {
        self.query(move |connection| look(connection, &limits, unknown, now)).await
    }

    /// The processes that have an executor, with their attempts.
    pub async fn under_way(&self) -> Result<Vec<(String, u32)>, Fault> {
        self.query(turns::under_way).await
    }
}

fn look(
    connection: &Connection,
    limits: &BTreeMap<String, usize>,
    unknown: usize,
    now: Timestamp,
) -> rusqlite::Result<Turns> {
    let mut found = Turns { next_due: turns::next_due(connection, now)?, ..Turns::default() };
    let mut runtime = turns::next_runtime(connection, "")?;
    while let Some(name) = runtime {
        let limit = limits.get(&name).copied().unwrap_or(unknown);
        let taken = usize::try_from(turns::count_holders(connection, &name)?).unwrap_or(usize::MAX);
        let free = limit.saturating_sub(taken);
        for status in ["PENDING", "RETRY"] {
            if free > 0 {
                found.waiting.extend(turns::candidates(connection, (&name, status), free, now)?);
            }
        }
        found.parked.extend(turns::parked_holders(connection, &name)?);
        runtime = turns::next_runtime(connection, &name)?;
        found.places.insert(name, free);
    }
    Ok(found)
}
