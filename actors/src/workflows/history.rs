//! [`History`]: what became of a workflow step by step, read from its events: for people who look, not for the
//! machine, which keeps only what it needs to go on.

use super::checkpoint::{Checkpoint, NodeKind, Spec};
use super::command::Order;
use super::event::Event;
use super::forks::Source;
use super::item::ItemId;
use super::records::{NodeRecord, RunRecord, StepRecord};
use crate::nodes::Metrics;
use crate::vocabulary::{Payload, Timestamp};
use std::collections::BTreeMap;

/// What became of a workflow.
#[derive(Debug, Default)]
pub struct History {
    /// All steps, inputs of runs among them, the newest last.
    pub steps: Vec<StepRecord>,
    /// All runs, the newest last.
    pub runs: Vec<RunRecord>,
    /// The run that is under way, or was last: not the newest where it has gone back to an older one.
    pub run: u32,
    /// Its workflow is undoing what it did.
    is_undoing: bool,
    /// It has gone back, and stays there until somebody has it go on.
    is_held: bool,
    /// What kinds of work the nodes of the newest step do.
    kinds: BTreeMap<String, NodeKind>,
    /// The checkpoint with which it begins, until it has begun.
    first: Option<Checkpoint>,
}

impl History {
    /// From a workflow's events, in their order.
    pub fn of<'a>(events: impl IntoIterator<Item = &'a Event>) -> Self {
        let mut history = Self::default();
        for event in events {
            history.take(event);
        }
        history
    }

    /// The step that is under way, or was when the last run ended.
    pub fn open(&self) -> Option<&StepRecord> {
        self.steps.last().filter(|step| step.committed_at.is_none())
    }

    fn take(&mut self, event: &Event) {
        match event {
            Event::RunStarted { run, checkpoint, next, at, .. } => {
                self.kinds(next.as_ref().map(|next| &next.nodes));
                self.runs.push(RunRecord::new(*run, *at));
                (self.run, self.is_undoing, self.is_held) = (*run, false, false);
                self.commit(checkpoint, *at, true);
            }
            Event::Created { order, .. } => self.begin_at(order),
            Event::Forked { run, source, at, .. } => self.fork(*run, source, *at),
            Event::StepCommitted { checkpoint, next, at, .. } => {
                self.kinds(Some(&next.nodes));
                self.commit(checkpoint, *at, false);
            }
            Event::NodeStarted { step, node, items, at, .. } => {
                self.begin(*step, node, *items, *at);
            }
            Event::Completed { spent, at, .. } => self.end("completed", None, Some(*spent), *at),
            Event::Failed { failure, spent, at, .. } => {
                self.end("failed", Some(&failure.error), Some(*spent), *at);
            }
            Event::Cancelled { by, spent, at, .. } => {
                self.end("cancelled", Some(by), Some(*spent), *at);
            }
            Event::Retried { .. } => self.try_again(),
            Event::Resumed { at, .. } => self.go_on(*at),
            Event::Rewound { .. }
            | Event::Undoing { .. }
            | Event::Undone { .. }
            | Event::NodeUndoing { .. }
            | Event::NodeUndone { .. } => self.take_back(event),
            event => self.take_item(event),
        }
    }

    /// What was done is undone, or left.
    fn take_back(&mut self, event: &Event) {
        match event {
            Event::Rewound { to, is_paused, at, .. } => {
                self.stop();
                (self.run, self.is_undoing) = (to.run.number, false);
                self.is_held = *is_paused && !to.is_end();
                self.kinds(to.next.as_ref().map(|next| &next.nodes));
                let (status, ended_at) = match (to.is_end(), is_paused) {
                    (true, _) => ("completed", Some(*at)),
                    (false, true) => ("paused", None),
                    (false, false) => ("running", None),
                };
                self.stand(status, ended_at);
            }
            Event::Undoing { .. } => {
                self.stop();
                self.is_undoing = true;
                self.stand("undoing", None);
            }
            Event::Undone { .. } => self.is_undoing = false,
            Event::NodeUndoing { deed, step, next, .. } => {
                self.kinds(Some(&next.nodes));
                self.push(*step);
                self.steps.last_mut().into_iter().for_each(|step| step.undoes = Some(deed.clone()));
            }
            Event::NodeUndone { deed, .. } => {
                let mut steps = self.steps.iter_mut().rev();
                let step = steps.find(|step| step.step == deed.item.step);
                let nodes = step.into_iter().flat_map(|step| &mut step.nodes);
                nodes.filter(|node| node.node == deed.item.node).for_each(NodeRecord::undo);
            }
            _ => {}
        }
    }

    /// Nobody works at the step that was under way any more.
    fn stop(&mut self) {
        if let Some(step) = self.steps.last_mut().filter(|step| step.committed_at.is_none()) {
            step.nodes.iter_mut().for_each(NodeRecord::stop);
        }
    }

    fn go_on(&mut self, at: Timestamp) {
        if !std::mem::take(&mut self.is_held) {
            return;
        }
        self.stand("running", None);
        if let Some(step) = self.steps.last_mut() {
            step.nodes.iter_mut().for_each(|node| node.go_on(at));
        }
    }

    fn current(&mut self) -> Option<&mut RunRecord> {
        let run = self.run;
        self.runs.iter_mut().rev().find(|record| record.run == run)
    }

    /// The current run has not ended after all.
    fn stand(&mut self, status: &'static str, ended_at: Option<Timestamp>) {
        if let Some(run) = self.current() {
            (run.status, run.why, run.ended_at, run.spent) = (status, None, ended_at, None);
        }
    }

    fn kinds(&mut self, nodes: Option<&BTreeMap<String, Spec>>) {
        let nodes = nodes.into_iter().flatten();
        self.kinds = nodes.map(|(name, spec)| (name.clone(), spec.kind)).collect();
    }

    /// A fork's first checkpoint, and the kinds of its nodes, stand in its order.
    fn begin_at(&mut self, order: &Order) {
        self.kinds(order.run.next.as_ref().map(|next| &next.nodes));
        self.first = order.first_checkpoint().map(|(checkpoint, _)| checkpoint);
    }

    fn fork(&mut self, run: u32, source: &Source, at: Timestamp) {
        self.runs.push(RunRecord::new(run, at));
        (self.run, self.is_undoing) = (run, false);
        if let Some(checkpoint) = self.first.take() {
            self.commit(&checkpoint, at, false);
        }
        if let Some(step) = self.steps.last_mut() {
            step.source = Some(source.clone());
        }
    }

    fn commit(&mut self, checkpoint: &Checkpoint, at: Timestamp, is_input: bool) {
        let is_open = self.open().is_some_and(|step| step.step == checkpoint.number);
        if !is_open {
            self.push(checkpoint.number);
        }
        let Some(step) = self.steps.last_mut() else { return };
        (step.parent, step.committed_at, step.is_input) = (checkpoint.parent, Some(at), is_input);
        step.writes = checkpoint.writes.clone();
    }

    fn push(&mut self, step: u32) {
        let run = self.run.max(1);
        self.steps.push(StepRecord {
            step,
            run,
            parent: None,
            is_input: false,
            undoes: None,
            source: None,
            committed_at: None,
            nodes: Vec::new(),
            writes: Payload::default(),
            spent: Metrics::default(),
        });
    }

    fn begin(&mut self, step: u32, node: &str, items: Option<u32>, at: Timestamp) {
        if self.open().is_none_or(|open| open.step != step) {
            self.push(step);
        }
        let kind = self.kinds.get(node).copied();
        let Some(open) = self.steps.last_mut() else { return };
        let mut begun = NodeRecord::new(node, kind, items, at);
        if self.is_held {
            begun.hold();
        }
        open.nodes.push(begun);
    }

    fn end(
        &mut self,
        status: &'static str,
        why: Option<&String>,
        spent: Option<Metrics>,
        at: Timestamp,
    ) {
        self.stop();
        let Some(run) = self.current() else { return };
        (run.status, run.why, run.spent) = (status, why.cloned(), spent);
        run.ended_at = Some(at);
    }

    fn try_again(&mut self) {
        self.stand(if self.is_undoing { "undoing" } else { "running" }, None);
        if let Some(step) = self.steps.last_mut().filter(|step| step.committed_at.is_none()) {
            step.nodes.iter_mut().for_each(NodeRecord::try_again);
        }
    }

    fn take_item(&mut self, event: &Event) {
        let Some((item, spent)) = item(event) else { return };
        let Some(step) = self.steps.iter_mut().rev().find(|step| step.step == item.step) else {
            return;
        };
        if let Some(spent) = spent {
            step.spent = step.spent.plus(spent);
        }
        let node = step.nodes.iter_mut().find(|node| node.node == item.node);
        if let Some(node) = node {
            node.take(item, event);
        }
    }
}

/// Which item an event is about, and what that took.
fn item(event: &Event) -> Option<(&ItemId, Option<Metrics>)> {
    match event {
        Event::NodeDone { item, spent, .. }
        | Event::NodeFailed { item, spent, .. }
        | Event::NodeRetry { item, spent, .. } => Some((item, Some(*spent))),
        Event::NodeWaits { item, .. }
        | Event::Adopted { item, .. }
        | Event::Answered { item, .. }
        | Event::CallDecided { item, .. }
        | Event::NodeStopped { item, .. } => Some((item, None)),
        Event::Interrupted { interrupt, spent, .. } => {
            Some((interrupt.asker.item()?, Some(*spent)))
        }
        _ => None,
    }
}
