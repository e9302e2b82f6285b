//! One child's place under a supervisor, as the rules see it. How it moves is told at the head of `rules.rs`.

use std::time::Duration;

use super::{Backoff, Exit, Restart};

/// What the rules have to know of a child.
#[derive(Debug, Clone)]
pub struct Seat {
    pub(super) id: String,
    pub(super) restart: Restart,
    pub(super) backoff: Backoff,
    pub(super) status: SeatStatus,
    /// An operator stopped it.
    pub(super) held: bool,
    /// Restarts in a row.
    pub(super) attempt: u32,
}

/// Where a child is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeatStatus {
    /// To be started as soon as it may.
    Ready,
    /// It runs, since this time.
    Running(Duration),
    /// It runs and is to be stopped when its turn comes.
    Doomed(Next),
    /// It was asked to end.
    Stopping(Next),
    /// It was asked in vain and then killed.
    Dying(Next),
    /// It was killed in vain, and still runs.
    Lost(Next),
    /// It ended and waits for its restart, until this ticket is due.
    Waiting(u64),
    /// It does not run and is not to.
    Stopped,
}

/// What comes after the end of a child that is being stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It is started again.
    Start,
    /// It stays stopped.
    Stay,
}

impl Seat {
    /// A child that is to be started.
    pub fn new(id: impl Into<String>, restart: Restart, backoff: Backoff) -> Self {
        Self { id: id.into(), restart, backoff, status: SeatStatus::Ready, held: false, attempt: 0 }
    }

    pub(super) fn restarts_after(&self, exit: &Exit) -> bool {
        match self.restart {
            Restart::Permanent => true,
            Restart::Transient => exit.is_abnormal(),
            Restart::Temporary => false,
        }
    }

    /// Whether a restart of its group starts it too.
    pub(super) fn restarts_with_group(&self) -> bool {
        self.restart != Restart::Temporary && !self.held
    }

    /// Stops it in due course if it runs, else changes what comes after its end.
    pub(super) fn doom(&mut self, next: Next) {
        use SeatStatus::{Doomed, Dying, Lost, Ready, Running, Stopped, Stopping, Waiting};
        self.status = match (self.status, next) {
            (Running(_) | Doomed(_), _) => Doomed(next),
            (Stopping(_), _) => Stopping(next),
            (Dying(_), _) => Dying(next),
            (Lost(_), _) => Lost(next),
            (Waiting(_) | Ready | Stopped, Next::Stay) => Stopped,
            (Ready | Stopped, Next::Start) => Ready,
            (Waiting(ticket), Next::Start) => Waiting(ticket),
        };
    }

    /// Whether it stops the seats that depend on it from starting.
    pub(super) fn holds_up(&self) -> bool {
        matches!(self.status, SeatStatus::Waiting(_) | SeatStatus::Lost(Next::Start))
    }
}
