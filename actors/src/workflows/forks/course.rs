//! [`Course`]: the way that a run went in the end, past all that was left behind where somebody went back: which step of
//! it each step of a replay has to follow. A replay's steps are counted without gaps; those of what it replays are not.
//!
//! ```text
//! recorded   1 ─ 2 ─ 3 ─ 4 ─ 5          (4 and 5 were left behind, 6 undid something)
//!                    ╰───────── 7 ─ 8
//! replayed   1 ─ 2 ─ 3 ─ 4 ─ 5           legs: from 2 on it is 2, from 4 on it is 7
//! ```

use super::order::Making;
use super::origin::Child;
use super::standing::Standing;
use crate::journal::Journal;
use crate::machine::Machine as _;
use crate::vocabulary::{Position, WorkflowId};
use crate::workflows::event::Event;
use crate::workflows::item::ItemId;
use crate::workflows::past::{Dated, PastError, dated};
use crate::workflows::state::{Facts, Workflow};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Which recorded step each step of a replay follows. Where it says nothing, nothing was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Course(Vec<Leg>);

/// Steps that follow one another in both.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Leg {
    /// The first of them in the replay.
    step: u32,
    /// The first of them in what is replayed.
    recorded: u32,
    /// How many.
    count: u32,
}

/// Where a course begins.
#[derive(Debug, Clone, Copy)]
pub(super) enum Begin {
    /// Behind a checkpoint.
    Behind(u32),
    /// With a step.
    With(u32),
}

impl Course {
    /// The course of a run of a workflow, whose first step has the number `step` in the replay.
    pub(super) async fn read(
        journal: &Journal,
        workflow: &WorkflowId,
        until: Position,
        (run, begin): (u32, Begin),
        step: u32,
    ) -> Result<Self, PastError> {
        let events = dated(journal, workflow, until).await?;
        Ok(Self::of(&Lines::of(&events).last(run, begin), step))
    }

    fn of(recorded: &[u32], first: u32) -> Self {
        let mut legs = Vec::<Leg>::new();
        for (step, recorded) in (first..).zip(recorded.iter().copied()) {
            match legs.last_mut().filter(|leg| leg.recorded + leg.count == recorded) {
                Some(leg) => leg.count += 1,
                None => legs.push(Leg { step, recorded, count: 1 }),
            }
        }
        Self(legs)
    }

    /// The first recorded step.
    pub(super) fn first(&self) -> Option<u32> {
        self.0.first().map(|leg| leg.recorded)
    }

    /// The recorded item that an item of the replay follows.
    pub(super) fn follow(&self, item: &ItemId) -> Option<ItemId> {
        let leg =
            self.0.iter().find(|leg| (leg.step..leg.step + leg.count).contains(&item.step))?;
        Some(ItemId { step: leg.recorded + (item.step - leg.step), ..item.clone() })
    }
}

impl Making<'_> {
    /// The way that a replay follows: the last that was gone from there; where a workflow below it is replayed from a
    /// checkpoint of its own, that of the step which waited for it.
    pub(super) async fn course(
        &self,
        standing: &Standing,
        children: &[Child],
        until: Position,
    ) -> Result<Course, PastError> {
        let is_own =
            |child: &Child| child.source.workflow_id == child.at(standing.step, self.source);
        let begin = if children.iter().any(is_own) {
            Begin::With(standing.step)
        } else {
            Begin::Behind(standing.checkpoint)
        };
        let of = (standing.run, begin);
        Course::read(self.journal, self.source, until, of, standing.step).await
    }
}

/// The step of which something came.
fn came_of(event: &Event) -> Option<u32> {
    match event {
        Event::StepCommitted { checkpoint, .. } => Some(checkpoint.number),
        Event::NodeDone { item, .. }
        | Event::NodeFailed { item, .. }
        | Event::Answered { item, .. }
        | Event::Adopted { item, .. } => Some(item.step),
        _ => None,
    }
}

/// All lines that a workflow ever followed.
#[derive(Default)]
struct Lines {
    /// The step, or the input of a run, that each step followed.
    before: BTreeMap<u32, u32>,
    /// Where it stood last on each of them, with the run, in the order of time.
    ends: Vec<(u32, u32)>,
    /// Where it stands.
    now: Option<(u32, u32)>,
    /// Steps of which anything came.
    gone: BTreeSet<u32>,
}

impl Lines {
    fn of(events: &[Dated]) -> Self {
        let (mut lines, mut now) = (Self::default(), Workflow::default());
        for Dated { event, .. } in events {
            now.apply(event);
            if let Some(facts) = &now.facts {
                lines.take(event, facts);
            }
        }
        lines.ends.extend(lines.now);
        lines
    }

    fn take(&mut self, event: &Event, facts: &Facts) {
        self.gone.extend(came_of(event));
        let (run, checkpoint) = (facts.run.number, facts.checkpoint.number);
        let followed = match event {
            Event::RunStarted { .. } | Event::Forked { .. } | Event::Rewound { .. } => {
                self.ends.extend(self.now);
                self.now = Some((run, checkpoint));
                checkpoint
            }
            Event::StepCommitted { .. } => checkpoint,
            // It follows what was done last, also where that has no checkpoint.
            Event::NodeUndoing { .. } => self.now.map_or(checkpoint, |(_, step)| step),
            _ => return,
        };
        let is_begun = facts.step > checkpoint && !self.before.contains_key(&facts.step);
        if is_begun {
            self.before.insert(facts.step, followed);
            self.now = Some((run, facts.step));
        }
    }

    /// The steps of the newest line of a run that leads through there. Where somebody went back and nothing came of it
    /// yet, the way that was gone from there before is still the last one.
    fn last(&self, run: u32, begin: Begin) -> Vec<u32> {
        let of_run = self.ends.iter().rev().filter(|(of, _)| *of == run);
        let mut lines = of_run.filter_map(|(_, end)| self.since(*end, begin));
        let newest = lines.next().unwrap_or_default();
        lines.fold(newest, |last, older| {
            let (gone, further) = (self.gone_of(&last), self.gone_of(&older));
            if further.len() > gone.len() && further.starts_with(gone) { older } else { last }
        })
    }

    /// As much of a line as was gone.
    fn gone_of<'a>(&self, steps: &'a [u32]) -> &'a [u32] {
        let newest = steps.iter().rposition(|step| self.gone.contains(step));
        &steps[..newest.map_or(0, |place| place + 1)]
    }

    /// The steps that lead to one, from a beginning on; `None`: they do not come by there.
    fn since(&self, end: u32, begin: Begin) -> Option<Vec<u32>> {
        let mut steps = Vec::new();
        let mut at = Some(end);
        while let Some(step) = at {
            if matches!(begin, Begin::Behind(checkpoint) if checkpoint == step) {
                steps.reverse();
                return Some(steps);
            }
            steps.push(step);
            if matches!(begin, Begin::With(first) if first == step) {
                steps.reverse();
                return Some(steps);
            }
            at = self.before.get(&step).copied();
        }
        None
    }
}
