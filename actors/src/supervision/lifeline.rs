//! The line between an actor and whoever watches it: what the last holder lets go of reports the [`Exit`].
//!
//! The monitor of an actor holds one clone and the actor may hold others, also in tasks it started. The report goes out
//! when the last of them has dropped, so a clone given to a task keeps the next incarnation waiting for that task. A
//! line that nobody wrote an exit on reports [`Exit::Killed`]: that covers every road on which no code of ours ran.

use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use super::Exit;

/// Called once with the exit, on whatever thread dropped the last clone: it must not block and must not panic.
pub type Report = Box<dyn FnOnce(Exit) + Send>;

/// Handed to an actor when it is started. Cheap to clone.
#[derive(Clone)]
pub struct Lifeline(Arc<Line>);

struct Line {
    state: Mutex<State>,
    /// Keeps the supervisor's own line alive while its child is: a supervisor has ended only when all below it have.
    _above: Anchor,
}

struct State {
    failure: Option<String>,
    exit: Exit,
    report: Option<Report>,
}

/// A supervisor's own lifeline as its children hold it; the supervisor can take it back from one that never ends.
#[derive(Clone, Default)]
pub(super) struct Anchor(Arc<Mutex<Option<Lifeline>>>);

impl Lifeline {
    /// A line that calls `report` when its last clone has dropped.
    pub fn new(report: Report) -> Self {
        Self::below(Anchor::default(), report)
    }

    /// A line that also keeps `above` alive until then.
    pub(super) fn below(above: Anchor, report: Report) -> Self {
        let state = State { failure: None, exit: Exit::Killed, report: Some(report) };
        Self(Arc::new(Line { state: Mutex::new(state), _above: above }))
    }

    /// Turns the actor's normal end into [`Exit::Error`]; call it before `ctx.stop()`. The first reason stays.
    pub fn fail(&self, why: impl Into<String>) {
        self.with(|state| {
            state.failure.get_or_insert_with(|| why.into());
        });
    }

    /// Notes that the actor came to its own end: normally, or with the failure it named.
    pub(super) fn finish(&self) {
        self.with(|state| state.exit = state.failure.clone().map_or(Exit::Normal, Exit::Error));
    }

    /// Notes that the actor panicked. The first panic stays, a panic of the drop that follows it says less.
    pub(super) fn panicked(&self, exit: Exit) {
        self.with(|state| {
            if !matches!(state.exit, Exit::Panicked(_)) {
                state.exit = exit;
            }
        });
    }

    fn with(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.0.state.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl fmt::Debug for Lifeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lifeline")
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        let exit = mem::replace(&mut state.exit, Exit::Killed);
        if let Some(report) = state.report.take() {
            report(exit);
        }
    }
}

impl Anchor {
    /// An anchor that holds `line`.
    pub(super) fn on(line: Lifeline) -> Self {
        Self(Arc::new(Mutex::new(Some(line))))
    }

    /// Takes the line back: whoever still holds the anchor no longer holds up the line's report.
    pub(super) fn release(&self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}
