//! Where messages come to stand: the same for the writer, who numbers them, and for whoever shows them
//! once they are committed.

use crate::journal::{Committed, MessageKind, NewMessage};
use crate::vocabulary::{Position, Version};

/// The place of the messages that were written together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The first one's position; the others follow it.
    pub(crate) first: Position,
    /// The stream's version before them; 0 without a stream.
    pub(crate) before: Version,
    /// The same after them.
    pub(crate) after: Version,
}

/// Where one message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) position: Position,
    /// The stream's version after it, of events.
    pub(crate) version: Option<Version>,
    /// The position of the message that brought it about.
    pub(crate) causation: Option<Position>,
}

/// Numbers a place's messages one after the other.
#[derive(Debug)]
pub(crate) struct Numbering {
    first: Position,
    next: Position,
    version: Version,
}

impl Place {
    /// The place of `messages`, of which the first comes to stand at `first`.
    pub(super) fn of(messages: &[NewMessage], first: Position, before: Version) -> Self {
        let events = messages.iter().filter(|message| message.kind == MessageKind::Event).count();
        Self { first, before, after: before + count(events) }
    }

    /// Numbers its messages, to be given in order.
    pub(crate) fn numbering(self) -> Numbering {
        Numbering { first: self.first, next: self.first, version: self.before }
    }

    /// What whoever wrote them is told.
    pub(crate) fn committed(self) -> Committed {
        Committed { first: self.first, version: self.after }
    }
}

impl Numbering {
    /// The next message's spot.
    pub(crate) fn step(&mut self, message: &NewMessage) -> Spot {
        let is_event = message.kind == MessageKind::Event;
        self.version += Version::from(is_event);
        let spot = Spot {
            position: self.next,
            version: is_event.then_some(self.version),
            causation: message.caused_by.map(|index| self.first + count(index)),
        };
        self.next += 1;
        spot
    }
}

/// No batch comes near to what a position can count.
pub(super) fn count(number: usize) -> Position {
    Position::try_from(number).unwrap_or(Position::MAX)
}
