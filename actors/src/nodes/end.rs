//! [`News`]: what a turn's process needs, or how it ended, read from its stream and waited for there.

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
    Died { why: String, cause: Cause },
    /// Somebody cancelled it.
    Cancelled { by: String },
}

/// Of what a process died.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// Its last attempt took longer than it may.
    Late,
    /// There was no room for another attempt within its limits.
    NoRoom,
    /// Of something else.
    Other,
}

/// What is heard of a process.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum News {
    /// It waits for room, after so many attempts that were paid for or may have been: for each there is a bill, and one
    /// of nothing yet.
    Held { attempts: u32, bills: Vec<Bill> },
    /// It has ended, and has come to this.
    Ended(End, Vec<Bill>),
}

/// What of a process's events says how it ended. One that was redriven has not.
#[derive(Debug, Default)]
struct Story {
    is_late: bool,
    /// It waits for room, after so many attempts.
    held: Option<u32>,
    end: Option<End>,
    reckoning: Reckoning,
}

impl Story {
    fn take(&mut self, event: &Event) {
        self.reckoning.take(event);
        match event {
            Event::Failed { kind, .. } => self.is_late = *kind == FailureKind::TimedOut,
            Event::Redriven { .. } => self.end = None,
            Event::Held { attempts, .. } => self.held = Some(*attempts),
            Event::RetryScheduled { .. } => self.held = None,
            Event::Completed { session_id, line, .. } => {
                let (session_id, line) = (session_id.clone(), line.clone());
                self.end = Some(End::Completed { session_id, line });
            }
            Event::Died { why, .. } => {
                self.end = Some(End::Died { why: why.clone(), cause: self.cause() });
                self.held = None;
            }
            Event::Cancelled { by, .. } => {
                (self.end, self.held) = (Some(End::Cancelled { by: by.clone() }), None);
            }
            _ => {}
        }
    }

    /// From waiting for room, a process dies only where there will be none.
    fn cause(&self) -> Cause {
        match (self.held, self.is_late) {
            (Some(_), _) => Cause::NoRoom,
            (None, true) => Cause::Late,
            (None, false) => Cause::Other,
        }
    }

    /// What is to be told, where that is not known: it is, how it waited for room after so many attempts.
    fn news(&self, known: u32) -> Option<News> {
        if let Some(end) = self.end.clone() {
            return Some(News::Ended(end, self.reckoning.bills()));
        }
        let attempts = self.held.filter(|attempts| *attempts > known)?;
        Some(News::Held { attempts, bills: self.reckoning.bills() })
    }

    /// An operator has ended the process itself, whatever it was at.
    fn given_up(mut self, why: String) -> News {
        self.reckoning.give_up();
        News::Ended(End::Died { why, cause: Cause::Other }, self.reckoning.bills())
    }
}

impl News {
    /// Waits until the process has ended, or waits for room after more than so many attempts. One that waits for an
    /// operator, or is parked, has not ended.
    pub(super) async fn of(
        processes: &Directory<Process>,
        id: &ProcessId,
        known: u32,
    ) -> Result<Self, TellError<processes::Refusal>> {
        let stream = Directory::<Process>::stream(&id.0);
        let loaded = processes.journal().load(stream, 0).await?;
        let mut story = Story::default();
        for message in loaded.messages.iter().filter(|m| m.kind == MessageKind::Event) {
            let event = tagged::join(&message.event_type, message.data.get());
            story.take(&event.map_err(Fault::reading)?);
        }
        if let Some(news) = story.news(known) {
            return Ok(news);
        }
        let found = processes.find_event(&id.0, loaded.head, |event| {
            story.take(event);
            story.news(known)
        });
        match found.await {
            Err(TellError::Parked(parked)) if parked.failed => {
                Ok(story.given_up(format!("it was ended by {}: {}", parked.by, parked.why)))
            }
            found => found,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processes::Charge;
    use crate::vocabulary::Timestamp;

    fn id() -> ProcessId {
        ProcessId("p".parse().unwrap())
    }

    fn failed(kind: FailureKind) -> Event {
        let (process_id, error, at) = (id(), "no".into(), Timestamp(0));
        let charge = Charge::Unknown;
        Event::Failed { process_id, attempt: 1, kind, error, charge, at }
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
            |events: &[Event]| matches!(end(events), Some(End::Died { cause: Cause::Late, .. }));
        let (late, other) = (failed(FailureKind::TimedOut), failed(FailureKind::Passing));
        assert!(is_late(&[other.clone(), late.clone(), died()]));
        assert!(!is_late(&[late, other, died()]));
    }

    fn held(attempts: u32) -> Event {
        Event::Held { process_id: id(), attempts, due: Timestamp(0) }
    }

    fn again() -> Event {
        Event::RetryScheduled { process_id: id(), due: Timestamp(0) }
    }

    #[test]
    fn one_that_waits_for_room_says_so_once_and_dies_for_want_of_it() {
        let told = |events: &[Event], known| {
            let mut story = Story::default();
            for event in events {
                story.take(event);
            }
            match story.news(known) {
                Some(News::Held { attempts, .. }) => format!("held {attempts}"),
                Some(News::Ended(End::Died { cause, .. }, _)) => format!("{cause:?}"),
                other => format!("{other:?}"),
            }
        };
        assert_eq!(told(&[held(1)], 0), "held 1");
        assert_eq!(told(&[held(1)], 1), "None");
        assert_eq!(told(&[held(1), again()], 0), "None", "there was room");
        assert_eq!(told(&[held(1), again(), held(2)], 1), "held 2");
        assert_eq!(told(&[held(1), died()], 1), "NoRoom");
        assert_eq!(told(&[held(1), again(), failed(FailureKind::Passing), died()], 1), "Other");
    }
}
