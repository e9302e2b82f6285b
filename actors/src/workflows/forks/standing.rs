//! [`Standing`]: how a workflow stood at a position of the journal, by what had been committed of it.

use super::record::{Record, Recorded};
use crate::journal::Journal;
use crate::vocabulary::{Payload, Position, Version, WorkflowId};
use crate::workflows::checkpoint::Next;
use crate::workflows::command::Order;
use crate::workflows::event::Event;
use crate::workflows::item::{ItemId, Settled};
use crate::workflows::past::{Dated, PastError, dated};

/// How a workflow stood.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) order: Order,
    pub(super) run: u32,
    pub(super) input: Payload,
    /// Its newest checkpoint.
    pub(super) checkpoint: u32,
    /// The step that was under way.
    pub(super) step: u32,
    /// Its steps undo what was done: it stands where it did before.
    is_undoing: bool,
    /// The nodes of its step; `None`: they had to be worked out first.
    pub(super) next: Option<Next>,
    /// What its items had come to.
    pub(super) record: Record,
    pub(super) version: Version,
}

impl Standing {
    /// How it stood; an error where it was not there yet.
    pub(super) async fn at(
        journal: &Journal,
        workflow: &WorkflowId,
        position: Position,
    ) -> Result<Self, PastError> {
        let events = dated(journal, workflow, position).await?;
        Self::of(&events).ok_or_else(|| PastError::NoWorkflow(workflow.clone()))
    }

    fn of(events: &[Dated]) -> Option<Self> {
        let (mut standing, mut record) = (None::<Self>, Record::default());
        for Dated { event, .. } in events {
            record.take(event);
            match (&mut standing, event) {
                (_, Event::Created { order, .. }) => standing = Some(Self::first(order)),
                (Some(now), event) => now.take(event),
                (None, _) => {}
            }
        }
        let version = events.last()?.version;
        standing.map(|standing| Self { record, version, ..standing })
    }

    fn first(order: &Order) -> Self {
        let (run, checkpoint) = match &order.origin {
            Some(origin) => (origin.run, origin.step - 1),
            None => (1, 1),
        };
        Self {
            run,
            checkpoint,
            step: checkpoint + 1,
            is_undoing: false,
            input: order.run.input.clone(),
            next: order.run.next.clone(),
            order: order.clone(),
            record: Record::default(),
            version: 0,
        }
    }

    fn take(&mut self, event: &Event) {
        match event {
            Event::RunStarted { run, input, checkpoint, next, .. } => {
                (self.run, self.input) = (*run, input.clone());
                self.move_on(checkpoint.number, next.clone());
            }
            Event::StepCommitted { checkpoint, next, .. } if !self.is_undoing => {
                self.move_on(checkpoint.number, Some(next.clone()));
            }
            Event::Undoing { .. } => self.is_undoing = true,
            Event::Rewound { to, step, .. } => {
                (self.run, self.input) = (to.run.number, to.run.input.clone());
                self.move_on(to.checkpoint.number, to.next.clone());
                self.step = *step;
            }
            _ => {}
        }
    }

    fn move_on(&mut self, checkpoint: u32, next: Option<Next>) {
        (self.checkpoint, self.step, self.next) = (checkpoint, checkpoint + 1, next);
        self.is_undoing = false;
    }

    /// Whether nothing more was to be expected of an item.
    pub(super) fn is_settled(&self, item: &ItemId) -> bool {
        let settles = |recorded| settled(recorded).is_some();
        self.record.get(item).is_some_and(settles)
    }
}

/// What an item had come to for good. What has failed is tried again.
pub(super) fn settled(recorded: &Recorded) -> Option<Settled> {
    match recorded {
        Recorded::Done(output) => Some(Settled::Output(output.clone())),
        Recorded::Failed { failure, is_caught: true } => Some(Settled::Failed(failure.clone())),
        Recorded::Failed { .. } => None,
    }
}
