//! [`Past`]: what an agent's stream says of it: who speaks for it, what runs for it, what it has taken.

use super::super::house::{House, Look};
use callboard_actors::agents::{Agent, Event, Metrics, Outcome, Status};
use callboard_actors::journal::{Loaded, Message, MessageKind, Parked};
use callboard_actors::machine::{Machine, tagged};
use callboard_actors::vocabulary::{Name, ProcessId, StreamId, Timestamp};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// An agent's past.
pub(super) struct Past {
    pub(super) id: Name,
    /// What it is; `None`: its machine panics on its own past.
    pub(super) status: Option<Status>,
    pub(super) metrics: Metrics,
    /// Since when it is that.
    pub(super) since: Timestamp,
    pub(super) profile: String,
    /// Since when a connection speaks for it.
    pub(super) connected: Option<Timestamp>,
    /// When, and why, its last connection ended.
    pub(super) disconnected: Option<(Timestamp, String)>,
    /// Who unregistered it.
    pub(super) unregistered: Option<String>,
    /// What runs for it, and since when, the oldest first.
    pub(super) running: Vec<(ProcessId, Timestamp)>,
    /// How the last of its processes ended, and when.
    pub(super) ended: Option<(ProcessId, Outcome, Timestamp)>,
    pub(super) parked: Option<Parked>,
    pub(super) messages: Vec<Message>,
}

impl Past {
    /// An agent's past; `None`: there never was one of this name.
    pub(super) async fn load(house: &House, name: &Name) -> Look<Option<Self>> {
        let stream = StreamId { kind: Agent::KIND, name: name.clone() };
        let loaded = house.reader.stream(stream, 0).await?;
        Ok((loaded.version > 0).then(|| Self::of(name, loaded)))
    }

    fn of(name: &Name, loaded: Loaded) -> Self {
        let Loaded { parked, messages, .. } = loaded;
        let (status, metrics) = folded(&messages).unzip();
        let mut past = Self {
            id: name.clone(),
            status,
            metrics: metrics.unwrap_or_default(),
            since: Timestamp(0),
            profile: String::new(),
            connected: None,
            disconnected: None,
            unregistered: None,
            running: Vec::new(),
            ended: None,
            parked,
            messages: Vec::new(),
        };
        for message in messages.iter().filter(|message| message.kind == MessageKind::Event) {
            past.take(read(message), message.created_at);
        }
        past.messages = messages;
        past
    }

    fn take(&mut self, event: Option<Event>, now: Timestamp) {
        match event {
            Some(Event::Registered { registration, .. }) => {
                (self.profile, self.unregistered) = (registration.profile, None);
            }
            Some(Event::Updated { changes, .. }) => {
                self.profile = changes.profile.unwrap_or(std::mem::take(&mut self.profile));
            }
            Some(Event::Unregistered { by, .. }) => self.unregistered = Some(by),
            Some(Event::Connected { .. }) => self.connected = Some(now),
            Some(Event::Disconnected { why, .. }) => {
                (self.connected, self.disconnected) = (None, Some((now, why)));
            }
            Some(Event::ProcessBegun { process_id, .. }) => self.running.push((process_id, now)),
            Some(Event::ProcessEnded { process_id, outcome, .. }) => {
                self.running.retain(|(id, _)| *id != process_id);
                self.ended = Some((process_id, outcome, now));
            }
            Some(Event::StateChanged { .. }) => self.since = now,
            Some(Event::Messaged { .. }) | None => {}
        }
    }
}

/// An event of an agent; `None`: this program does not know it.
pub(super) fn read(message: &Message) -> Option<Event> {
    tagged::join(&message.event_type, message.data.get()).ok()
}

/// What the machine says of itself.
fn folded(messages: &[Message]) -> Option<(Status, Metrics)> {
    let fold = || {
        let mut agent = Agent::default();
        let events = messages.iter().filter(|message| message.kind == MessageKind::Event);
        events.filter_map(read).for_each(|event| agent.apply(&event));
        (agent.status(), agent.metrics())
    };
    catch_unwind(AssertUnwindSafe(fold)).ok()
}
