//! Waiting for what comes of an entity: its events, one after the other, until one of them is the answer.

use super::directory::Directory;
use super::news::News;
use super::slot::Presence;
use super::told::TellError;
use crate::journal::{Fault, MessageKind};
use crate::machine::{Machine, tagged};
use crate::vocabulary::{Name, Position};
use tokio::sync::watch;

/// Hears what an entity commits. Whoever listens for one that has gone to sleep has a slot of its own making, and takes
/// it away again: nobody else would.
struct Ear<'d, M: Machine> {
    directory: &'d Directory<M>,
    name: &'d Name,
    /// Always there, until it drops.
    committed: Option<watch::Receiver<News<M>>>,
}

impl<'d, M: Machine> Ear<'d, M> {
    fn open(directory: &'d Directory<M>, name: &'d Name) -> Self {
        let committed = directory.with(name, |slot| slot.committed.subscribe());
        Self { directory, name, committed: Some(committed) }
    }

    /// What is committed behind `after`. `None`: more than one commit, something that is no commit, or the slot was
    /// given up: look again.
    async fn hear(&mut self, after: Position) -> Option<News<M>> {
        let committed = self.committed.as_mut()?;
        committed.changed().await.ok()?;
        let news = committed.borrow_and_update();
        (news.after == after).then(|| news.clone())
    }
}

impl<M: Machine> Drop for Ear<'_, M> {
    fn drop(&mut self) {
        self.committed = None;
        self.directory.0.slots.remove_if(self.name, |_, slot| {
            let is_absent = matches!(slot.presence, Presence::Absent);
            is_absent && slot.is_idle() && slot.committed.receiver_count() == 0
        });
    }
}

impl<M: Machine> Directory<M> {
    /// Waits until an entity's stream has, behind `after`, an event for which `find` has an answer; in
    /// vain if an operator has ended the entity with `fail`.
    pub async fn find_event<T>(
        &self,
        name: &Name,
        mut after: Position,
        mut find: impl FnMut(&M::Event) -> Option<T>,
    ) -> Result<T, TellError<M::Refusal>> {
        loop {
            // First the ear, then the eye: what is committed in between is heard.
            let mut ear = Ear::open(self, name);
            let loaded = self.journal().load(Self::stream(name), after).await?;
            for message in loaded.messages.iter().filter(|m| m.kind == MessageKind::Event) {
                let event = tagged::join(&message.event_type, message.data.get());
                if let Some(found) = find(&event.map_err(Fault::reading)?) {
                    return Ok(found);
                }
            }
            if let Some(parked) = loaded.parked.filter(|parked| parked.failed) {
                return Err(TellError::Parked(parked));
            }
            // Not all of it once more with each commit: there may be thousands.
            after = after.max(loaded.head);
            while let Some(news) = ear.hear(after).await {
                if let Some(found) = news.events.iter().find_map(&mut find) {
                    return Ok(found);
                }
                after = news.head;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::entity::{Directory, HostSettings};
    use crate::journal::{Home, Journal, JournalSettings};
    use crate::schedules::Schedule;
    use crate::vocabulary::Clock;
    use std::time::Duration;

    #[actix_rt::test]
    async fn who_waits_in_vain_for_one_that_sleeps_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::open(folder.path(), None).unwrap();
        let journal = Journal::open(home, JournalSettings::default(), Clock::system()).unwrap();
        let directory = Directory::<Schedule>::new(journal, HostSettings::default());
        let name = "it".parse().unwrap();
        let waiting = directory.find_event(&name, 0, |_| Some(()));
        let waited = tokio::time::timeout(Duration::from_millis(50), waiting).await;
        assert!(waited.is_err(), "nothing has ever happened to it");
        assert_eq!(directory.0.slots.len(), 0);
    }
}
