//! [`End`]: how a turn's process ended, read from its stream and waited for there.

use super::bill::Reckoning;
use super::purse::Bill;
use crate::entity::{Directory, TellError};
use crate::journal::{Fault, MessageKind};
use crate::machine::tagged;
use crate::processes::{self, Event, FailureKind, Process};
use crate::vocabulary::{Durable, ProcessId, Reference, SessionId};

/// How a process ended.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum End {
    /// Its answer stands here.
    Completed { session_id: SessionId, line: Durable<Reference> },
    /// It is dead.
    Died { why: String, is_late: bool },
    /// Somebody cancelled it.
    Cancelled { by: String },
}

/// What of a process's events says how it ended. One that was redriven has not.
#[derive(Debug, Default)]
struct Story {
    is_late: bool,
    end: Option<End>,
    reckoning: Reckoning,
}

impl Story {
    fn take(&mut self, event: &Event) {
        self.reckoning.take(event);
        match event {
            Event::Failed { kind, .. } => self.is_late = *kind == FailureKind::TimedOut,
            Event::Redriven { .. } => self.end = None,
            Event::Completed { session_id, line, .. } => {
                let (session_id, line) = (session_id.clone(), line.clone());
                self.end = Some(End::Completed { session_id, line });
            }
            Event::Died { why, .. } => {
                self.end = Some(End::Died { why: why.clone(), is_late: self.is_late });
            }
            Event::Cancelled { by, .. } => self.end = Some(End::Cancelled { by: by.clone() }),
            _ => {}
        }
    }
}

impl End {
    /// Waits until the process has ended, and says what it has come to; one that waits for an operator, or is parked,
    /// has not.
    pub(super) async fn of(
        processes: &Directory<Process>,
        id: &ProcessId,
    ) -> Result<(Self, Bill), TellError<processes::Refusal>> {
        let stream = Directory::<Process>::stream(&id.0);
        let loaded = processes.journal().load(stream, 0).await?;
        let mut story = Story::default();
        for message in loaded.messages.iter().filter(|m| m.kind == MessageKind::Event) {
            let event = tagged::join(&message.event_type, message.data.get());
            story.take(&event.map_err(Fault::reading)?);
        }
        if let Some(end) = story.end {
            return Ok((end, story.reckoning.bill()));
        }
        let found = processes.find_event(&id.0, loaded.head, |event| {
            story.take(event);
            Some((story.end.take()?, story.reckoning.bill()))
        });
        found.await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::Timestamp;

    fn id() -> ProcessId {
        ProcessId("p".parse().unwrap())
    }

    fn failed(kind: FailureKind) -> Event {
        let (process_id, error, at) = (id(), "no".into(), Timestamp(0));
        Event::Failed { process_id, attempt: 1, kind, error, at }
    }

    fn died() -> Event {
        Event::Died { process_id: id(), why: "no more".into(), at: Timestamp(0) }
    }

    fn end(events: &[Event]) -> Option<End> {
        let mut story = Story::default();
        for event in events {
            story.take(event);
        }
        story.end
    }

    #[test]
    fn a_process_that_was_redriven_has_not_ended() {
        let redriven = Event::Redriven { process_id: id(), by: "ann".into(), at: Timestamp(0) };
        assert!(end(&[died()]).is_some());
        assert_eq!(end(&[died(), redriven]), None);
    }

    #[test]
    fn it_was_late_if_its_last_attempt_was() {
        let is_late =
            |events: &[Event]| matches!(end(events), Some(End::Died { is_late: true, .. }));
        let (late, other) = (failed(FailureKind::TimedOut), failed(FailureKind::Passing));
        assert!(is_late(&[other.clone(), late.clone(), died()]));
        assert!(!is_late(&[late, other, died()]));
    }
}
