//! [`Record`]: what the items of a workflow came to, by its events: what a fork takes over, what a replay answers, and what
//! is compared.

use crate::journal::Journal;
use crate::vocabulary::{Payload, Position, WorkflowId};
use crate::workflows::event::Event;
use crate::workflows::item::{Failure, ItemId, Settled};
use crate::workflows::past::{PastError, dated};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// An item, whichever attempt at it: step, node, and which element of its list.
pub type Spot = (u32, String, Option<u32>);

/// What an item came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Recorded {
    /// To this.
    Done(Payload),
    /// To nothing.
    Failed {
        /// Why.
        failure: Failure,
        /// Another node took over.
        is_caught: bool,
    },
}

/// What the items of a workflow came to.
#[derive(Debug, Default)]
pub struct Record {
    items: BTreeMap<Spot, Recorded>,
}

impl Record {
    /// The record of a workflow up to a position.
    pub async fn read(
        journal: &Journal,
        workflow: &WorkflowId,
        until: Position,
    ) -> Result<Self, PastError> {
        let mut record = Self::default();
        for told in dated(journal, workflow, until).await? {
            record.take(&told.event);
        }
        Ok(record)
    }

    /// The last attempt that succeeded counts, else the last failure.
    pub(super) fn take(&mut self, event: &Event) {
        let failed =
            |failure: &Failure, is_caught| Recorded::Failed { failure: failure.clone(), is_caught };
        match event {
            Event::NodeDone { item, output, .. } => self.put(item, Recorded::Done(output.clone())),
            Event::Answered { item, answer, .. } => {
                self.put(item, Recorded::Done(Payload::Inline(answer.clone())));
            }
            Event::NodeFailed { item, failure, is_caught, .. } => {
                self.put(item, failed(failure, *is_caught));
            }
            Event::NodeRetry { item, failure, .. } => self.put(item, failed(failure, false)),
            Event::Adopted { item, settled, .. } => match settled {
                Settled::Output(output) => self.put(item, Recorded::Done(output.clone())),
                Settled::Failed(failure) => self.put(item, failed(failure, true)),
            },
            _ => {}
        }
    }

    fn put(&mut self, item: &ItemId, came_to: Recorded) {
        let place = (item.step, item.node.clone(), item.index);
        let is_done = matches!(self.items.get(&place), Some(Recorded::Done(_)));
        if !is_done || matches!(came_to, Recorded::Done(_)) {
            self.items.insert(place, came_to);
        }
    }

    /// What an item came to; `None`: to nothing yet.
    pub fn get(&self, item: &ItemId) -> Option<&Recorded> {
        self.items.get(&(item.step, item.node.clone(), item.index))
    }

    /// What the items of a step came to.
    pub fn of_step(&self, step: u32) -> impl Iterator<Item = (&Spot, &Recorded)> {
        self.items.range((step, String::new(), None)..(step + 1, String::new(), None))
    }
}

/// The records that replays go by: each is read once.
#[derive(Default)]
pub(in crate::workflows) struct Records(RefCell<HashMap<(WorkflowId, Position), Rc<Record>>>);

impl Records {
    /// More are forgotten, and read again where they are needed.
    const MOST: usize = 64;

    pub(super) async fn get(
        &self,
        journal: &Journal,
        workflow: &WorkflowId,
        until: Position,
    ) -> Result<Rc<Record>, PastError> {
        let key = (workflow.clone(), until);
        if let Some(known) = self.0.borrow().get(&key) {
            return Ok(Rc::clone(known));
        }
        let record = Rc::new(Record::read(journal, workflow, until).await?);
        let mut records = self.0.borrow_mut();
        if records.len() >= Self::MOST {
            records.clear();
        }
        records.insert(key, Rc::clone(&record));
        Ok(record)
    }
}
