//! Rewinding: a workflow goes back to one of its checkpoints, and on from there. Whoever asks for it reads what that
//! was ([`Target`]) and says on which course the workflow was then, so that two who ask at once do not both get it.

use super::checkpoint::{Checkpoint, Next};
use super::command::Refusal;
use super::compensations::{Compensation, Compensations};
use super::event::{Ending, Event};
use super::past::{PastError, events};
use super::state::{Facts, Phase, Run, Workflow};
use super::undo::Undo;
use crate::journal::Journal;
use crate::machine::Machine as _;
use crate::vocabulary::{Payload, Timestamp, WorkflowId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

type Decided = Result<Vec<Event>, Refusal>;

/// Go back to a checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rewind {
    /// Who wants it.
    pub by: String,
    /// Where to.
    pub to: Target,
    /// On which course the workflow was when that was read.
    pub course: u32,
    /// What was done since is undone first.
    pub undo: bool,
    /// It stays there until somebody has it go on; and a run that is under way is ended for it.
    pub pause: bool,
}

/// A checkpoint to go on from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// Which.
    pub checkpoint: Checkpoint,
    /// What followed it; `None`: it has to be worked out first. Nothing does at the end of a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Next>,
    /// The run that it is of.
    pub run: RunStart,
}

/// How a run began.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunStart {
    /// Its number.
    pub number: u32,
    /// What it was given.
    pub input: Payload,
    /// The checkpoint that its input is.
    pub checkpoint: Checkpoint,
    /// Its first nodes; `None`: they had to be worked out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Next>,
}

/// Why there is no way back to where somebody wants to go.
#[derive(Debug, thiserror::Error)]
pub enum NoTarget {
    /// It was never there.
    #[error("the workflow has no {0}: GET its history to see which there are")]
    Unknown(String),
    /// It belongs to an undoing.
    #[error(
        "step {0} undid what another had done: nothing follows it; give a step or checkpoint before the undoing"
    )]
    OfAnUndoing(u32),
    /// The past cannot be read.
    #[error(transparent)]
    Past(#[from] PastError),
}

/// What can be gone back to.
#[derive(Debug)]
pub struct Targets {
    /// By their number.
    checkpoints: BTreeMap<u32, Target>,
    /// From which checkpoint each step began.
    parents: BTreeMap<u32, u32>,
    undoings: BTreeSet<u32>,
    course: u32,
    /// All checkpoints, also those that cannot be gone back to.
    all: BTreeMap<u32, Checkpoint>,
    undone: Compensations,
}

impl Target {
    /// Whether it is the end of a run.
    pub(super) fn is_end(&self) -> bool {
        self.next.as_ref().is_some_and(|next| next.nodes.is_empty())
    }
}

impl Targets {
    /// Reads what a workflow can go back to.
    pub async fn read(journal: &Journal, workflow: &WorkflowId) -> Result<Self, PastError> {
        let mut targets = Self {
            checkpoints: BTreeMap::new(),
            parents: BTreeMap::new(),
            undoings: BTreeSet::new(),
            course: 0,
            all: BTreeMap::new(),
            undone: Compensations::default(),
        };
        let mut now = Workflow::default();
        for event in events(journal, workflow).await? {
            now.apply(&event);
            targets.take(&event, &now);
        }
        let facts = now.facts.ok_or_else(|| PastError::NoWorkflow(workflow.clone()))?;
        targets.course = facts.course;
        Ok(targets)
    }

    fn take(&mut self, event: &Event, now: &Workflow) {
        self.undone.take(event);
        let Some(facts) = &now.facts else { return };
        match event {
            Event::RunStarted { checkpoint, next, .. } => {
                self.keep(checkpoint, next.as_ref(), facts);
            }
            Event::StepCommitted { checkpoint, next, .. } => {
                self.keep(checkpoint, Some(next), facts);
            }
            Event::Forked { .. } => {
                if let Some((checkpoint, _)) = facts.order.first_checkpoint() {
                    self.keep(&checkpoint, facts.order.run.next.as_ref(), facts);
                }
            }
            Event::NodeUndoing { step, .. } => drop(self.undoings.insert(*step)),
            Event::Rewound { .. } => {}
            _ => return,
        }
        // Nothing is at work where nothing follows.
        if facts.step > facts.checkpoint.number {
            // Gone back to the end of a run, it has no new step.
            self.parents.entry(facts.step).or_insert(facts.checkpoint.number);
        }
    }

    fn keep(&mut self, checkpoint: &Checkpoint, next: Option<&Next>, facts: &Facts) {
        if facts.undoing.is_some() {
            self.undoings.insert(checkpoint.number);
        }
        let (checkpoint, next) = (checkpoint.clone(), next.cloned());
        self.all.insert(checkpoint.number, checkpoint.clone());
        let target = Target { checkpoint, next, run: facts.run.start() };
        self.checkpoints.insert(target.checkpoint.number, target);
    }

    /// What was undone of all that led to a checkpoint.
    pub fn undone_behind(&self, target: &Target) -> Vec<Compensation> {
        self.undone.behind(&target.checkpoint, &self.all)
    }

    /// On which course the workflow is.
    pub fn course(&self) -> u32 {
        self.course
    }

    /// This checkpoint.
    pub fn checkpoint(&self, number: u32) -> Result<Target, NoTarget> {
        if self.undoings.contains(&number) {
            return Err(NoTarget::OfAnUndoing(number));
        }
        let target = self.checkpoints.get(&number).cloned();
        target.ok_or_else(|| NoTarget::Unknown(format!("checkpoint {number}")))
    }

    /// The checkpoint from which this step began.
    pub fn before(&self, step: u32) -> Result<Target, NoTarget> {
        if self.undoings.contains(&step) {
            return Err(NoTarget::OfAnUndoing(step));
        }
        let parent = self.parents.get(&step);
        self.checkpoint(*parent.ok_or_else(|| NoTarget::Unknown(format!("step {step}")))?)
    }
}

impl Workflow {
    pub(super) fn rewind(&self, facts: &Facts, rewind: &Rewind, at: Timestamp) -> Decided {
        let Rewind { by, to, course, undo, pause } = rewind;
        if *course != facts.course {
            return Err(Refusal::MovedOn);
        }
        if self.is_held() {
            return Err(self.not("its parent is paused: resume that one"));
        }
        if facts.order.parent.is_some() && self.phase.is_over() {
            return Err(
                self.not("its parent has gone on without it: send that one back, or fork it")
            );
        }
        let number = to.checkpoint.number;
        if to.is_end() && !pause {
            return Err(self.not(&format!("nothing follows checkpoint {number}, the end of a run")));
        }
        let ending = Ending::Rewind { to: Box::new(to.clone()), is_paused: *pause };
        let ending = if *undo {
            let error = format!("rolled back to checkpoint {number} by {by}");
            Ending::Undo(Undo::before(Some(number), "rolled_back", error, ending))
        } else {
            ending
        };
        match self.phase {
            Phase::New | Phase::Stopping { .. } => Err(self.not("it is being ended: wait")),
            Phase::Running | Phase::Paused { .. } if facts.undoing.is_some() => {
                Err(self.not("what it did is being undone: wait for that, or cancel it"))
            }
            Phase::Running if !pause => Err(self.not("pause or cancel it first, or roll it back")),
            Phase::Running | Phase::Paused { .. } => Ok(facts.stop(by, &ending, at)),
            Phase::Completed | Phase::Failed | Phase::Cancelled => Ok(facts.end(by, &ending, at)),
        }
    }
}

impl Run {
    /// How it began.
    pub(super) fn start(&self) -> RunStart {
        let (number, input) = (self.number, self.input.clone());
        let (checkpoint, next) = self.begun.clone();
        RunStart { number, input, checkpoint, next }
    }
}

impl Facts {
    /// Goes back to where the run began: what it did is undone.
    pub(super) fn begin_anew(&self, by: &str, at: Timestamp) -> Vec<Event> {
        let run = self.run.start();
        let to = Target { checkpoint: run.checkpoint.clone(), next: run.next.clone(), run };
        self.go_back(by, &to, false, at)
    }

    /// Nobody works at it any more: it stands at the checkpoint.
    pub(super) fn go_back(
        &self,
        by: &str,
        to: &Target,
        is_paused: bool,
        at: Timestamp,
    ) -> Vec<Event> {
        let (workflow_id, by) = (self.workflow_id.clone(), by.to_owned());
        let step = if to.is_end() { self.step } else { self.step + 1 };
        let definition = &self.order.definition;
        let next = to.next.as_ref();
        let started =
            next.map(|next| Event::nodes_started(&workflow_id, definition, step, next, at));
        let to = Box::new(to.clone());
        let rewound = Event::Rewound { workflow_id, by, to, step, is_paused, at };
        std::iter::once(rewound).chain(started.into_iter().flatten()).collect()
    }

    /// The head is an older checkpoint; the numbers that were given since are not given again.
    pub(super) fn rewound(&mut self, to: &Target, step: u32, is_paused: bool, at: Timestamp) {
        self.note_open();
        self.returns += 1;
        self.begin_unheard();
        let RunStart { number, input, checkpoint, next } = to.run.clone();
        let (was_over, before) = (self.ended_at.is_some(), self.run.clone());
        let tries = before.tries + 1;
        self.run = Run { tries, ..Run::new(number, input, (checkpoint, next), at) };
        let is_same = number == before.number;
        if is_same {
            self.run.renewed = before.renewed;
        }
        match (is_same, was_over) {
            (true, true) => self.renew(),
            (false, _) => self.grant_anew(),
            // It is the same run, whose end nobody has been told: what it has taken counts.
            (true, false) => {
                let Run { steps, spent, since, .. } = before;
                (self.run.steps, self.run.spent, self.run.since) = (steps, spent, since);
            }
        }
        // Who sent it back decides when it goes on.
        (self.failure, self.undoing, self.is_held) = (None, None, false);
        self.ended_at = to.is_end().then_some(at);
        // What was counted belongs to a state that is left behind.
        (self.since_whole, self.whole) = (0, 0);
        self.move_on(&to.checkpoint, to.next.as_ref().unwrap_or(&Next::default()), at);
        self.step = step;
        if is_paused {
            self.visits.values_mut().for_each(|visit| visit.last = Some(BTreeSet::new()));
        }
    }
}
