//! What is late, as whoever watches over the work asks for it. At most [`MOST`] of each: more of the same
//! says nothing more.

use super::store::stuck;
use super::{Fault, Reader};
use crate::vocabulary::{Position, Timestamp};

/// How many of each are looked at.
const MOST: i64 = 1_000;

/// A process that holds a place.
#[derive(Debug, Clone)]
pub struct AtWork {
    /// Which.
    pub id: String,
    /// What it says it does.
    pub status: String,
    /// When something was last heard of it.
    pub since: Timestamp,
}

/// A stream whose entity has to be up.
#[derive(Debug, Clone)]
pub struct Due {
    /// Which.
    pub name: String,
    /// Since when it has to be, and nothing was heard of it.
    pub since: Timestamp,
}

/// A process whose next attempt was due.
#[derive(Debug, Clone)]
pub struct Overdue {
    /// Which.
    pub id: String,
    /// Where it is to run.
    pub runtime: String,
    /// When it was due.
    pub due: Timestamp,
    /// How many places of that runtime are taken.
    pub taken: usize,
}

/// An agent that is said to work.
#[derive(Debug, Clone)]
pub struct IdleAgent {
    /// Which.
    pub id: String,
    /// For which process, which does not.
    pub process: String,
    /// What that process is.
    pub status: String,
    /// Since when.
    pub since: Timestamp,
}

/// A mailbox in which something lies that nobody has taken.
#[derive(Debug, Clone)]
pub struct FullMailbox {
    /// Whose.
    pub agent: String,
    /// Up to where things were taken.
    pub position: Position,
}

impl Reader {
    /// Agents that are busy with a process which has stopped working before `before`.
    pub async fn idle_agents(&self, before: Timestamp) -> Result<Vec<IdleAgent>, Fault> {
        self.query(move |c| stuck::idle_agents(c, before, MOST)).await
    }

    /// Mailboxes in which something lies, and of which nothing was taken since `before`; not those that an
    /// operator paused.
    pub async fn full_mailboxes(&self, before: Timestamp) -> Result<Vec<FullMailbox>, Fault> {
        self.query(move |c| stuck::full_mailboxes(c, before, MOST)).await
    }

    /// Processes that hold a place, and of which nothing was heard since `before`.
    pub async fn at_work(&self, before: Timestamp) -> Result<Vec<AtWork>, Fault> {
        self.query(move |c| stuck::at_work(c, before, MOST)).await
    }

    /// Streams of a kind that had to be up before `before`, and of which nothing was heard since.
    pub async fn due_before(
        &self,
        kind: &'static str,
        before: Timestamp,
    ) -> Result<Vec<Due>, Fault> {
        self.query(move |c| stuck::due_before(c, kind, before, MOST)).await
    }

    /// Processes whose next attempt was due before `before`, though their session is free.
    pub async fn overdue(&self, before: Timestamp) -> Result<Vec<Overdue>, Fault> {
        self.query(move |c| stuck::overdue(c, before, MOST)).await
    }
}
