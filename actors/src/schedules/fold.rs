//! What an event makes of what is known.

use super::command::{Came, Made};
use super::effect::Firing;
use super::event::Event;
use super::spec::Spec;
use super::state::{Facts, Occasion, Phase, Schedule};
use crate::vocabulary::{ScheduleId, Timestamp};
use std::collections::VecDeque;

impl Schedule {
    /// It comes into being, or back: what was counted goes on, so that no key and no name is used twice.
    pub(super) fn create(
        &mut self,
        schedule_id: &ScheduleId,
        spec: &Spec,
        next: Option<Timestamp>,
        at: Timestamp,
    ) {
        let former = self.facts.take();
        let counted = former.as_ref().map_or((0, 0), |facts| (facts.turn, facts.n));
        let (firing, recent) =
            former.map_or((None, VecDeque::new()), |facts| (facts.firing, facts.recent));
        let mut facts = Facts {
            schedule_id: schedule_id.clone(),
            spec: spec.clone(),
            phase: Phase::Active,
            turn: counted.0,
            next: None,
            n: counted.1,
            firing,
            made: None,
            started: 0,
            missed: 0,
            failing: 0,
            error: None,
            recent,
            created_at: at,
            updated_at: at,
        };
        facts.wait_for(next);
        self.facts = Some(facts);
    }
}

impl Facts {
    /// Each wait has a key of its own.
    fn wait_for(&mut self, next: Option<Timestamp>) {
        self.turn += 1;
        self.next = next;
    }

    pub(super) fn take(&mut self, event: &Event) {
        self.updated_at = event.at();
        match event {
            Event::Created { .. } => {}
            Event::Changed { spec, next, .. } => {
                self.spec = (**spec).clone();
                (self.failing, self.error) = (0, None);
                self.wait_for(*next);
            }
            Event::Paused { by, .. } => self.phase = Phase::Paused { by: by.clone() },
            Event::Resumed { next, .. } => {
                self.phase = Phase::Active;
                self.wait_for(*next);
            }
            Event::Due { n, due, stands_for, by, next, at, .. } => {
                self.begin(Occasion {
                    n: *n,
                    due: *due,
                    at: *at,
                    stands_for: *stands_for,
                    by: by.clone(),
                    came: None,
                });
                self.wait_for(*next);
            }
            Event::Fired { n, made, .. } => {
                (self.failing, self.error) = (0, None);
                self.started += 1;
                self.made = Some(made.clone());
                self.settle(*n, Came::Started { made: made.clone() });
            }
            Event::Failed { n, error, .. } => {
                self.failing += 1;
                self.error = Some(error.clone());
                self.settle(*n, Came::Failed { error: error.clone() });
            }
            Event::Skipped { n, made, .. } => self.skip(*n, made),
            Event::Missed { times, next, .. } => {
                self.missed = self.missed.saturating_add(*times);
                self.wait_for(*next);
            }
            Event::Ended { why, at, .. } => {
                self.phase = Phase::Ended { why: why.clone(), at: *at };
                self.failing = 0;
            }
        }
    }

    fn begin(&mut self, occasion: Occasion) {
        self.n = occasion.n;
        self.firing = Some(Firing {
            schedule_id: self.schedule_id.clone(),
            n: occasion.n,
            due: occasion.due,
            start: self.spec.start.clone(),
            overlap: self.spec.overlap,
            former: self.made.clone(),
        });
        self.recent.push_back(occasion);
        if self.recent.len() > Occasion::MOST {
            self.recent.pop_front();
        }
    }

    fn skip(&mut self, n: u32, made: &Made) {
        self.missed = self.missed.saturating_add(1);
        self.settle(n, Came::Overlapped { made: made.clone() });
    }

    fn settle(&mut self, n: u32, came: Came) {
        self.firing = None;
        if let Some(occasion) = self.recent.iter_mut().rfind(|occasion| occasion.n == n) {
            occasion.came = Some(came);
        }
    }
}

impl Event {
    /// When it happened.
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Created { at, .. }
            | Self::Changed { at, .. }
            | Self::Paused { at, .. }
            | Self::Resumed { at, .. }
            | Self::Due { at, .. }
            | Self::Fired { at, .. }
            | Self::Failed { at, .. }
            | Self::Skipped { at, .. }
            | Self::Missed { at, .. }
            | Self::Ended { at, .. } => *at,
        }
    }
}
