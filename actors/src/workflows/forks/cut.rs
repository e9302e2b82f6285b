//! [`Cut`]: a checkpoint, as a position of the journal: what was committed up to there belongs to a fork's past, of the
//! workflow that is named and of all of its lineage.

use super::order::ForkError;
use super::origin::Source;
use super::standing::Standing;
use crate::journal::Journal;
use crate::vocabulary::{Position, WorkflowId};
use crate::workflows::command::{Order, Parent};
use crate::workflows::event::Event;
use crate::workflows::past::{Dated, PastError, dated};

/// Where a lineage is cut.
#[derive(Debug, Clone)]
pub struct Cut {
    /// The workflow at the beginning of the lineage: it is what is forked.
    pub root: WorkflowId,
    /// The workflow that was named, at its checkpoint: the root itself, or one below it.
    pub named: Source,
}

impl Cut {
    /// The cut at a checkpoint of a workflow; `None`: at its newest.
    pub async fn at(
        journal: &Journal,
        workflow: &WorkflowId,
        checkpoint: Option<u32>,
    ) -> Result<Self, ForkError> {
        let events = dated(journal, workflow, Position::MAX).await?;
        let all = checkpoints(&events);
        let found = match checkpoint {
            None => all.last(),
            Some(number) => all.iter().find(|found| found.number == number),
        };
        Self::of(journal, workflow, &events, found, checkpoint).await
    }

    /// The cut at the beginning of a workflow.
    pub async fn at_first(journal: &Journal, workflow: &WorkflowId) -> Result<Self, ForkError> {
        let events = dated(journal, workflow, Position::MAX).await?;
        let all = checkpoints(&events);
        Self::of(journal, workflow, &events, all.first(), None).await
    }

    async fn of(
        journal: &Journal,
        workflow: &WorkflowId,
        events: &[Dated],
        found: Option<&Found>,
        wanted: Option<u32>,
    ) -> Result<Self, ForkError> {
        let order = order(events).ok_or_else(|| PastError::NoWorkflow(workflow.clone()))?;
        let found = found.ok_or(PastError::NoCheckpoint(wanted.unwrap_or_default()))?;
        let Found { number: checkpoint, version, position } = *found;
        let named = Source { workflow_id: workflow.clone(), checkpoint, version, position };
        let root = match &order.parent {
            None => workflow.clone(),
            Some(parent) => {
                check_open(journal, &named, parent).await?;
                parent.root_id.clone()
            }
        };
        Ok(Self { root, named })
    }
}

/// A checkpoint in a stream.
struct Found {
    number: u32,
    version: i64,
    position: Position,
}

/// All checkpoints, in their order. That with which a fork begins has with it what the fork took over.
fn checkpoints(events: &[Dated]) -> Vec<Found> {
    let (mut found, mut is_undoing) = (Vec::<Found>::new(), false);
    let first = order(events).and_then(Order::first_checkpoint).map(|(first, _)| first.number);
    for Dated { event, version, position } in events {
        let number = match event {
            Event::Forked { source, .. } => first.unwrap_or(source.checkpoint),
            Event::RunStarted { checkpoint, .. } => checkpoint.number,
            // Nothing follows what has undone something.
            Event::StepCommitted { checkpoint, .. } if !is_undoing => checkpoint.number,
            Event::Rewound { to, .. } => to.checkpoint.number,
            Event::Undoing { .. } => {
                is_undoing = true;
                continue;
            }
            Event::Adopted { .. } => {
                if let Some(first) = found.last_mut() {
                    (first.version, first.position) = (*version, *position);
                }
                continue;
            }
            _ => continue,
        };
        is_undoing = false;
        found.push(Found { number, version: *version, position: *position });
    }
    found
}

/// The beginning of a workflow.
pub(super) fn first(workflow: &WorkflowId, events: &[Dated]) -> Option<Source> {
    let Found { number: checkpoint, version, position } = checkpoints(events).into_iter().next()?;
    Some(Source { workflow_id: workflow.clone(), checkpoint, version, position })
}

/// How a workflow came into being.
pub(super) fn order(events: &[Dated]) -> Option<&Order> {
    events.iter().find_map(|told| match &told.event {
        Event::Created { order, .. } => Some(&**order),
        _ => None,
    })
}

/// A workflow, and those above it.
pub(super) async fn lineage(
    journal: &Journal,
    workflow: &WorkflowId,
) -> Result<Vec<WorkflowId>, PastError> {
    let mut lineage = vec![workflow.clone()];
    let mut at = workflow.clone();
    loop {
        let events = dated(journal, &at, Position::MAX).await?;
        match order(&events).and_then(|order| order.parent.as_ref()) {
            Some(parent) => at = parent.workflow_id.clone(),
            None => return Ok(lineage),
        }
        lineage.push(at.clone());
    }
}

/// A subgraph can be forked where its parents were waiting for it: elsewhere nothing would come of it.
async fn check_open(journal: &Journal, named: &Source, parent: &Parent) -> Result<(), ForkError> {
    let mut above = Some(parent.clone());
    while let Some(Parent { workflow_id, item, .. }) = above {
        let standing = Standing::at(journal, &workflow_id, named.position).await?;
        if standing.step != item.step || standing.is_settled(&item) {
            return Err(ForkError::Left {
                workflow_id: named.workflow_id.clone(),
                checkpoint: named.checkpoint,
                parent: workflow_id,
            });
        }
        above = standing.order.parent;
    }
    Ok(())
}
