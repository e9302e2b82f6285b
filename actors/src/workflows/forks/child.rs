//! How a subgraph of a fork or of a replay begins: where it was half done, there; in a replay with its own record.

use super::course::{Begin, Course};
use super::cut::{first, order};
use super::manner::{Manner, Recording};
use super::order::{ForkError, Making, Terms, unpaid};
use super::origin::{Child, Purpose};
use crate::vocabulary::{Hash, WorkflowId};
use crate::workflows::command::{Order, Parent};
use crate::workflows::effect::Carry;
use crate::workflows::item::{Failure, ItemId};
use crate::workflows::memory::until_read;
use crate::workflows::past::dated;
use crate::workflows::perform::Tools;

impl Tools {
    /// The order of a subgraph's workflow, given the one by which it would begin afresh.
    pub(in crate::workflows) async fn order_of_child(
        &self,
        carry: &Carry,
        child: &WorkflowId,
        fresh: Order,
    ) -> Result<Order, Failure> {
        let from = match &carry.place.manner.recording {
            None => carry.from.clone(),
            Some(recording) => self.recorded_child(carry, recording).await?,
        };
        let Some(from) = from else { return self.on_the_record(carry, fresh).await };
        let made = until_read(async || match self.forked(carry, child, &from).await {
            Ok(order) => Ok(Ok(order)),
            Err(ForkError::Past(error)) => Err(error),
            Err(other) => Ok(Err(other)),
        });
        made.await?.map_err(|error| Failure::new("fork", error.to_string()))
    }

    async fn forked(
        &self,
        carry: &Carry,
        child: &WorkflowId,
        from: &Child,
    ) -> Result<Order, ForkError> {
        let place = &carry.place;
        let is_replay = place.manner.recording.is_some();
        let making = Making {
            journal: &self.journal,
            workflow_id: child,
            source: &from.source.workflow_id,
            named: None,
            position: from.source.position,
            purpose: if is_replay { Purpose::Replay } else { Purpose::Fork },
            change: from.change.as_deref(),
        };
        let terms = Terms {
            asked: Hash::of(from.source.workflow_id.0.as_str().as_bytes()),
            parent: Some(Parent {
                workflow_id: place.workflow_id.clone(),
                root_id: place.root_id.clone(),
                item: ItemId { attempt: 1, ..carry.item.clone() },
                bounds: carry.bounds(),
            }),
            runtime: place.runtime.clone(),
            priority: Some(place.priority),
            manner: manner_of_child(carry),
        };
        making.order(terms).await
    }

    /// The same order; in a replay it goes by the child's own record, and costs nothing.
    async fn on_the_record(&self, carry: &Carry, fresh: Order) -> Result<Order, Failure> {
        let mut manner = manner_of_child(carry);
        let Some(recording) = &mut manner.recording else { return Ok(Order { manner, ..fresh }) };
        let Recording { workflow_id, position, .. } = (**recording).clone();
        let journal = &self.journal;
        recording.course = until_read(async || {
            // Its input is the first checkpoint.
            Course::read(journal, &workflow_id, position, (1, Begin::Behind(1)), 2).await
        })
        .await?;
        let limits =
            until_read(async || unpaid(&fresh.limits, journal, &workflow_id).await).await?;
        Ok(Order { limits, manner, ..fresh })
    }

    /// Where a recorded child began, if not with its input.
    async fn recorded_child(
        &self,
        carry: &Carry,
        recording: &Recording,
    ) -> Result<Option<Child>, Failure> {
        let followed = recording.follow(&carry.item);
        let (_, recorded) = followed.ok_or_else(|| no_recording(recording, &carry.item))?;
        let half_done = carry.from.as_ref().filter(|from| from.source.workflow_id == recorded);
        if let Some(half_done) = half_done {
            return Ok(Some(half_done.clone()));
        }
        let events =
            until_read(async || dated(&self.journal, &recorded, recording.position).await).await?;
        let Some(order) = order(&events) else { return Err(no_recording(recording, &carry.item)) };
        if order.origin.is_none() {
            return Ok(None);
        }
        let ItemId { node, index, .. } = carry.item.clone();
        let child = |source| Child { node, index, source, change: None };
        Ok(first(&recorded, &events).map(child))
    }
}

/// Of a replay: which of the recorded workflow's steps it follows is found out when its order is made.
fn manner_of_child(carry: &Carry) -> Manner {
    let manner = carry.place.manner.clone();
    let recording = manner.recording.and_then(|recording| {
        let (_, workflow_id) = recording.follow(&carry.item)?;
        let position = recording.position;
        Some(Box::new(Recording { workflow_id, position, course: Course::default() }))
    });
    Manner { recording, ..manner }
}

/// The kind of a failure of what nobody has recorded: neither is caught what a replay does not know, nor anything undone for
/// it.
pub(in crate::workflows) const NO_RECORDING: &str = "no_recording";

/// A replay has come to where its source has never been.
pub(super) fn no_recording(recording: &Recording, item: &ItemId) -> Failure {
    let ItemId { step, node, index, .. } = item;
    let index = index.map(|index| format!("[{index}]")).unwrap_or_default();
    let error = format!(
        "the record of {} says nothing of {node}{index} in step {step}, and a replay asks nobody: fork the workflow to go on from there",
        recording.workflow_id
    );
    Failure::new(NO_RECORDING, error)
}
