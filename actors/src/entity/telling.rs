//! Telling: how a command gets into an entity's slot, and how long anybody waits for its answer. What is
//! done with it there, the entity knows.

use super::directory::{Attendance, Directory};
use super::order::What;
use super::slot::{Presence, Slot};
use super::told::{Answer, Origin, TellError, Told};
use crate::journal::Fault;
use crate::machine::Machine;
use crate::vocabulary::{MessageId, Name};
use dashmap::mapref::entry::Entry;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::oneshot;

/// An effect tells this often what the database does not take for its content; then its entity is parked.
const UNWRITTEN_TRIES: u32 = 8;

impl<M: Machine> Directory<M> {
    /// Tells an entity something and waits until it is durable. Dropping the future does not take the
    /// command back.
    pub async fn tell(&self, name: &Name, id: MessageId, command: M::Command) -> Answer<M> {
        self.tell_from(name, id, command, Origin::Caller).await
    }

    /// Tells an entity whose name nobody has used before: it need not look into the journal first.
    /// Should the name be used after all, nothing is lost but that advantage.
    pub async fn tell_fresh(&self, name: &Name, id: MessageId, command: M::Command) -> Answer<M> {
        if self.held().is_none()
            && let Entry::Vacant(slot) = self.0.slots.entry(name.clone())
        {
            slot.insert(Slot { is_fresh: true, ..Slot::default() });
        }
        self.tell(name, id, command).await
    }

    pub(super) async fn tell_from(
        &self,
        name: &Name,
        message_id: MessageId,
        command: M::Command,
        origin: Origin,
    ) -> Answer<M> {
        if let Some(parked) = self.held() {
            return Err(TellError::Parked(parked));
        }
        let (reply, answer) = oneshot::channel();
        let told = Told { message_id, command, origin, correlation: None, reply, panicked: false };
        self.put(name, told)?;
        self.hear(name, message_id, answer).await
    }

    /// Waits for the answer, but not for hosts that do not come back.
    async fn hear(
        &self,
        name: &Name,
        message_id: MessageId,
        mut answer: oneshot::Receiver<Answer<M>>,
    ) -> Answer<M> {
        let ended = || Fault::Unknown("the entity ended before it answered".into());
        loop {
            match tokio::time::timeout(self.0.settings.gap, &mut answer).await {
                Ok(answer) => return answer.map_err(|_| TellError::Fault(ended())).flatten(),
                Err(_) if !self.is_deserted() => {}
                Err(_) => {
                    answer.close();
                    let answered = answer.try_recv().ok();
                    self.take_back(name, message_id);
                    return answered.unwrap_or(Err(TellError::Unattended));
                }
            }
        }
    }

    /// What nobody waits for any more, and no actor has seen, is not told.
    fn take_back(&self, name: &Name, message_id: MessageId) {
        if let Entry::Occupied(mut entry) = self.0.slots.entry(name.clone()) {
            let slot = entry.get_mut();
            slot.inbox.retain(|told| told.message_id != message_id || !told.reply.is_closed());
            if slot.is_idle() && matches!(slot.presence, Presence::Absent) {
                entry.remove();
            }
        }
    }

    #[expect(clippy::result_large_err, reason = "it is the answer that its caller gives")]
    fn put(&self, name: &Name, told: Told<M>) -> Result<(), TellError<M::Refusal>> {
        let is_effect = told.origin.effect().is_some();
        if !is_effect && !self.has_room_for_a_stranded() {
            return Err(TellError::Unattended);
        }
        let mut slot = self.0.slots.entry(name.clone()).or_default();
        if slot.inbox.len() >= self.0.settings.inbox && !is_effect {
            return Err(TellError::Overloaded);
        }
        slot.inbox.push_back(told);
        self.call(name, &mut slot);
        Ok(())
    }

    /// While hosts are being restarted, a few commands may wait for a moment, of all entities together no
    /// more than else of one.
    fn has_room_for_a_stranded(&self) -> bool {
        match &*self.hosts() {
            Attendance::Here(_) => true,
            Attendance::GoneSince(since) => {
                since.elapsed() < self.0.settings.gap
                    && self.0.stranded.fetch_add(1, Ordering::Relaxed) < self.0.settings.inbox
            }
        }
    }

    /// Whether the hosts have been away for longer than a restart takes.
    pub(super) fn is_deserted(&self) -> bool {
        let gap = self.0.settings.gap;
        matches!(&*self.hosts(), Attendance::GoneSince(since) if since.elapsed() >= gap)
    }

    /// Puts a command that the entity itself has to take up before all others, unless it waits already.
    pub(super) fn tell_oneself(&self, name: &Name, told: Told<M>) {
        let mut slot = self.0.slots.entry(name.clone()).or_default();
        if slot.inbox.iter().all(|waiting| waiting.message_id != told.message_id) {
            slot.inbox.push_front(told);
            self.call(name, &mut slot);
        }
    }

    /// Tells an entity the same again and again, until that can bring nothing new any more; whether it was
    /// taken in.
    pub(super) async fn tell_until_settled(
        &self,
        name: &Name,
        id: MessageId,
        command: M::Command,
        origin: Origin,
    ) -> bool {
        let (mut wait, mut unwritten) = (Duration::from_millis(20), 0);
        while let Err(error) = self.tell_from(name, id, command.clone(), origin.clone()).await {
            if !error.is_passing() {
                return false;
            }
            if let TellError::Fault(Fault::Refused(why)) = &error {
                unwritten += 1;
                if unwritten % UNWRITTEN_TRIES == 0 {
                    let why = format!("what its effect tells cannot be written: {why}");
                    // It may be parked already, or have ended: then there is nothing to park.
                    let _ = self.order(name, What::Park(why), "stuck".into()).await;
                }
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(2));
        }
        true
    }
}
