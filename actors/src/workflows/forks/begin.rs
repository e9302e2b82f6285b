//! How a fork comes into being: what its machine makes of its order.

use super::origin::Origin;
use crate::nodes::Metrics;
use crate::vocabulary::{Durable, Reference, Timestamp, WorkflowId};
use crate::workflows::checkpoint::Checkpoint;
use crate::workflows::command::Order;
use crate::workflows::event::Event;

impl Origin {
    /// All of a fork's beginning is one commit: it stands where its source stood.
    pub(in crate::workflows) fn begin(
        &self,
        order: &Order,
        workflow_id: &WorkflowId,
        at: Timestamp,
    ) -> Vec<Event> {
        let step = self.step;
        let id = || workflow_id.clone();
        let mut events = vec![
            Event::Created { workflow_id: id(), order: Box::new(order.clone()), at },
            Event::Forked {
                workflow_id: id(),
                run: self.run,
                source: self.source.clone(),
                purpose: self.purpose,
                at,
            },
        ];
        if let Some(next) = &order.run.next {
            events.extend(Event::nodes_started(workflow_id, &order.definition, step, next, at));
        }
        events.extend(self.adopted.iter().map(|adopted| Event::Adopted {
            workflow_id: id(),
            item: adopted.item.clone(),
            settled: adopted.settled.clone(),
            at,
        }));
        events.extend(self.end.iter().map(|output| Event::Completed {
            workflow_id: id(),
            run: self.run,
            output: output.clone(),
            spent: Metrics::default(),
            at,
        }));
        events
    }
}

impl Order {
    /// The content that it needs.
    pub(in crate::workflows) fn kept(&self) -> Vec<Option<Durable<Reference>>> {
        let mut kept = vec![Some(self.bundle.clone())];
        if let Some(origin) = &self.origin {
            let payloads = [&self.run.input, &self.run.writes, &origin.state];
            kept.extend(
                payloads.into_iter().chain(&origin.end).map(|payload| payload.file().cloned()),
            );
        }
        kept
    }

    /// The checkpoint that a fork begins with: its source's, with what was edited; the whole state is the origin's.
    pub(in crate::workflows) fn first_checkpoint(&self) -> Option<(Checkpoint, &Origin)> {
        let origin = self.origin.as_deref()?;
        let number = origin.step - 1;
        let (writes, bytes) = (self.run.writes.clone(), self.run.bytes);
        Some((Checkpoint { number, parent: None, writes, bytes }, origin))
    }
}
