//! Snapshots of a life: a long stream is not folded from its beginning.
//!
//! They are no second truth. One is written with a later append, of what is committed before it; whoever rebuilds read
//! models or looks into the past reads the messages. Of receipts it has those that somebody may still ask for.

use super::directory::Directory;
use super::life::{FoldError, Life, Past, guarded};
use crate::journal::{self, Fault, Journal, Loaded};
use crate::machine::Machine;
use crate::vocabulary::{MessageId, Name, StreamId, Timestamp, Version};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// So many events are folded as quickly as a snapshot is read.
const EVERY: Version = 1_000;

/// As long as this a caller may tell a command again and get its first answer.
const RECEIPTS: Duration = Duration::from_hours(30 * 24);

/// A life as it is written down.
#[derive(Serialize, Deserialize)]
struct Snapshot<R> {
    version: Version,
    correlation: Option<MessageId>,
    machine: String,
    past: Vec<(MessageId, Past<R>)>,
}

impl<M: Machine> Life<M> {
    /// What it has come to, where it has gone on for long enough since that was written down.
    pub(super) fn snapshot(&mut self, now: Timestamp) -> Option<journal::Snapshot> {
        // A command that is to be told again stands in messages that nobody would read then.
        if self.version - self.recalled < EVERY || self.again.is_some() {
            return None;
        }
        let machine = guarded(|| self.machine.snapshot()).ok()??;
        self.past.retain(|_, past| !past.is_own && now.since(past.at) < RECEIPTS);
        let past = self.past.iter().map(|(id, past)| (*id, past.clone())).collect();
        let (version, correlation) = (self.version, self.correlation);
        let data = serde_json::to_string(&Snapshot { version, correlation, machine, past }).ok()?;
        Some(journal::Snapshot { position: self.head, data })
    }

    /// The life that was written down.
    pub(super) fn recall(snapshot: &journal::Snapshot) -> Result<Self, FoldError> {
        let unreadable = |why| FoldError::Unreadable(format!("its snapshot: {why}"));
        let snapshot: Snapshot<M::Refusal> =
            serde_json::from_str(&snapshot.data).map_err(|error| unreadable(error.to_string()))?;
        let machine = guarded(|| M::recalled(&snapshot.machine)).map_err(FoldError::Panicked)?;
        let machine = machine.ok_or_else(|| unreadable("it is none of this program".into()))?;
        let Snapshot { version, correlation, past, .. } = snapshot;
        Ok(Self::at(machine, (version, correlation), past.into_iter().collect()))
    }
}

/// A stream as far as it has to be read to fold a life from it.
pub(super) async fn load<M: Machine>(journal: &Journal, stream: StreamId) -> Result<Loaded, Fault> {
    let loaded = journal.recall(stream.clone()).await?;
    let is_readable = |snapshot| Life::<M>::recall(snapshot).is_ok();
    if loaded.snapshot.as_ref().is_none_or(is_readable) {
        return Ok(loaded);
    }
    journal.load(stream, 0).await
}

impl<M: Machine> Directory<M> {
    /// What an entity's stream amounts to, awake or not: for whoever looks.
    pub async fn state(&self, name: &Name) -> Result<M, Fault> {
        let loaded = load::<M>(self.journal(), Self::stream(name)).await?;
        match Life::fold(&loaded) {
            Ok(life) => Ok(life.machine),
            Err(error) => Err(Fault::reading(format!("{name} cannot be folded: {error:?}"))),
        }
    }
}
