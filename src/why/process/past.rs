//! [`Past`]: what a process's stream says of it: its order, its attempts, where it stands.

use super::super::house::{House, Look};
use callboard_actors::journal::{Loaded, Message, MessageKind, Parked};
use callboard_actors::machine::{Machine, tagged};
use callboard_actors::processes::{
    Alternative, Event, Executor, FailureKind, Metrics, Order, Process,
};
use callboard_actors::vocabulary::{Name, Position, StreamId, Timestamp};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A process's past.
pub(in crate::why) struct Past {
    pub(in crate::why) id: String,
    /// Its status, as the table calls it.
    pub(in crate::why) status: &'static str,
    /// Since when it has that, and which message gave it.
    pub(in crate::why) since: Timestamp,
    pub(in crate::why) position: Position,
    pub(super) order: Option<Order>,
    /// Who is asked now, of those who may be.
    pub(super) asked: Option<Alternative>,
    pub(super) attempts: Vec<Attempt>,
    pub(super) parked: Option<Parked>,
    /// When the next attempt is due, while it waits for one.
    pub(super) due: Option<Timestamp>,
    /// Where the prompt lies now.
    pub(super) prompt: Option<String>,
    pub(super) messages: Vec<Message>,
}

/// One try.
#[derive(Debug)]
pub(super) struct Attempt {
    pub(super) number: u32,
    /// When its turn came.
    pub(super) admitted: Timestamp,
    /// Who executes it, and since when.
    pub(super) started: Option<(Timestamp, Executor)>,
    pub(super) ended: Option<(Timestamp, How)>,
}

/// How a try ended.
#[derive(Debug)]
pub(super) enum How {
    Answered(Metrics),
    /// It answered, but its session does not take the answer.
    Unsaid(Metrics, String),
    Failed(FailureKind, String),
    Stopped,
}

impl Past {
    /// A process's past; `None`: there is no such process.
    pub(in crate::why) async fn load(house: &House, name: &Name) -> Look<Option<Self>> {
        let stream = StreamId { kind: Process::KIND, name: name.clone() };
        let loaded = house.reader.stream(stream, 0).await?;
        Ok((loaded.version > 0).then(|| Self::of(name, loaded)))
    }

    pub(super) fn of(name: &Name, loaded: Loaded) -> Self {
        let Loaded { parked, messages, .. } = loaded;
        let mut past = Self {
            id: name.to_string(),
            status: status(&messages).unwrap_or("UNKNOWN"),
            since: Timestamp(0),
            position: 0,
            order: None,
            asked: None,
            attempts: Vec::new(),
            parked,
            due: None,
            prompt: None,
            messages: Vec::new(),
        };
        for message in &messages {
            past.take(message);
        }
        past.messages = messages;
        past
    }

    fn take(&mut self, message: &Message) {
        if message.kind != MessageKind::Event {
            return;
        }
        let event = read(message);
        if !matches!(event, Some(Event::Archived { .. })) {
            (self.since, self.position) = (message.created_at, message.position);
        }
        self.due = None;
        match event {
            Some(Event::Requested { order, .. }) => {
                self.prompt = Some(order.prompt.file.clone());
                self.asked = order.alternative(0);
                self.order = Some(order);
            }
            Some(Event::Archived { prompt, .. }) => {
                self.prompt = prompt.map(|prompt| prompt.file.clone());
            }
            Some(Event::RetryScheduled { due, .. } | Event::Held { due, .. }) => {
                self.due = Some(due);
            }
            Some(Event::FellBack { to, .. }) => self.asked = Some(to),
            Some(Event::Redriven { .. }) => {
                self.asked = self.order.as_ref().and_then(|order| order.alternative(0));
            }
            Some(event) => self.attempt(event, message.created_at),
            None => {}
        }
    }

    fn attempt(&mut self, event: Event, at: Timestamp) {
        if let Event::Admitted { attempt: number, .. } = event {
            self.attempts.push(Attempt { number, admitted: at, started: None, ended: None });
            return;
        }
        let Some(attempt) = self.attempts.last_mut() else { return };
        match event {
            Event::Started { executor, .. } => attempt.started = Some((at, executor)),
            Event::Answered { metrics, .. } => attempt.ended = Some((at, How::Answered(metrics))),
            Event::Failed { kind, error, .. } => {
                let how = match attempt.ended.take() {
                    Some((_, How::Answered(metrics))) => How::Unsaid(metrics, error),
                    _ => How::Failed(kind, error),
                };
                attempt.ended = Some((at, how));
            }
            Event::Cancelled { .. } if attempt.ended.is_none() => {
                attempt.ended = Some((at, How::Stopped));
            }
            _ => {}
        }
    }

    /// The attempt that is under way, or the last.
    pub(super) fn last(&self) -> Option<&Attempt> {
        self.attempts.last()
    }

    /// How many attempts there may be, lost ones apart.
    pub(super) fn most(&self) -> u32 {
        self.order.as_ref().map_or(1, |order| order.retry.max_retries.saturating_add(1))
    }

    /// Its runtime.
    pub(super) fn runtime(&self) -> &str {
        self.asked.as_ref().map_or("", |asked| &asked.runtime)
    }

    /// The session it speaks in.
    pub(super) fn session(&self) -> Option<&Name> {
        self.order.as_ref()?.session_id.as_ref().map(|session| &session.0)
    }

    /// Its stream.
    pub(super) fn stream(&self) -> String {
        format!("{}/{}", Process::KIND, self.id)
    }
}

impl Attempt {
    /// Since when it runs, or since when it is being started.
    pub(super) fn began(&self) -> Timestamp {
        self.started.as_ref().map_or(self.admitted, |(at, _)| *at)
    }
}

/// An event of a process; `None`: this program does not know it.
pub(super) fn read(message: &Message) -> Option<Event> {
    tagged::join(&message.event_type, message.data.get()).ok()
}

/// Where the machine says it stands; `None`: it panics on its own past, which is why it was asked about.
fn status(messages: &[Message]) -> Option<&'static str> {
    let fold = || {
        let mut process = Process::default();
        let events = messages.iter().filter(|message| message.kind == MessageKind::Event);
        events.filter_map(read).for_each(|event| process.apply(&event));
        process.phase().status()
    };
    catch_unwind(AssertUnwindSafe(fold)).ok()
}
