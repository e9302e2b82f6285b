//! [`History`]: what became of a workflow step by step, read from its events: for people who look, not for the
//! machine, which keeps only what it needs to go on.

use super::checkpoint::{Checkpoint, NodeKind, Spec};
use super::command::Order;
use super::event::Event;
use super::forks::Source;
use super::item::{Failure, Interrupt, ItemId, Settled, Waiting};
use crate::nodes::Metrics;
use crate::vocabulary::{Payload, Timestamp};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What became of a workflow.
#[derive(Debug, Default)]
pub struct History {
    /// All steps, inputs of runs among them, the newest last.
    pub steps: Vec<StepRecord>,
    /// All runs, the newest last.
    pub runs: Vec<RunRecord>,
    /// What kinds of work the nodes of the newest step do.
    kinds: BTreeMap<String, NodeKind>,
    /// The checkpoint with which it begins, until it has begun.
    first: Option<Checkpoint>,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunRecord {
    /// Its number, from 1.
    pub run: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// How it ended, in a word; `running` before.
    pub status: &'static str,
    /// Why it failed, or who ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What it took, once it has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spent: Option<Metrics>,
}

/// A step; its checkpoint has its number.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepRecord {
    /// Its number, and its checkpoint's.
    pub step: u32,
    /// Of which run.
    pub run: u32,
    /// The checkpoint it began from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<u32>,
    /// Whether it is the input of its run: nothing was worked at then.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_input: bool,
    /// It is a checkpoint of another workflow, with which this one began; what was written are the edits.
    #[serde(rename = "forked_from", skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// When its checkpoint was committed; `None`: it is under way, or was when its run ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub committed_at: Option<Timestamp>,
    /// Its nodes, in the order in which they began.
    pub nodes: Vec<NodeRecord>,
    /// What was written.
    #[serde(skip)]
    pub writes: Payload,
    /// What its nodes took.
    pub spent: Metrics,
}

/// A node in a step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NodeRecord {
    /// Which.
    pub node: String,
    /// What kind of work it is, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<NodeKind>,
    /// `running`, `retrying`, `asking`, `waiting`, `done`, `failed` or `stopped`.
    pub status: &'static str,
    /// How many elements its list has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<u32>,
    /// How many of its items are done.
    pub done: u32,
    /// How many of its items had settled in the workflow that this one was forked from.
    pub adopted: u32,
    /// How many attempts at it failed.
    pub failures: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// When its last item was done, or it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// What its turns took.
    pub spent: Metrics,
    /// What went wrong last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When it is tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// What it waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Waiting>,
    /// Until when it may wait.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Timestamp>,
    /// What it asks a person.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<Interrupt>,
    /// Items that have not settled but are held up: they ask, wait, or are tried again.
    #[serde(skip)]
    held_up: BTreeMap<Option<u32>, &'static str>,
    #[serde(skip)]
    settled: BTreeSet<Option<u32>>,
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
            event => self.take_item(event),
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
        let run = self.runs.last().map_or(1, |run| run.run);
        self.steps.push(StepRecord {
            step,
            run,
            parent: None,
            is_input: false,
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
        open.nodes.push(NodeRecord::new(node, kind, items, at));
    }

    fn end(
        &mut self,
        status: &'static str,
        why: Option<&String>,
        spent: Option<Metrics>,
        at: Timestamp,
    ) {
        let Some(run) = self.runs.last_mut() else { return };
        (run.status, run.why, run.spent) = (status, why.cloned(), spent);
        run.ended_at = Some(at);
        if let Some(step) = self.steps.last_mut().filter(|step| step.committed_at.is_none()) {
            step.nodes.iter_mut().for_each(NodeRecord::stop);
        }
    }

    fn try_again(&mut self) {
        if let Some(run) = self.runs.last_mut() {
            (run.status, run.why, run.ended_at, run.spent) = ("running", None, None, None);
        }
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
        | Event::NodeStopped { item, .. } => Some((item, None)),
        Event::Interrupted { interrupt, .. } => Some((&interrupt.item, None)),
        _ => None,
    }
}

impl RunRecord {
    fn new(run: u32, started_at: Timestamp) -> Self {
        Self { run, started_at, ended_at: None, status: "running", why: None, spent: None }
    }
}

impl NodeRecord {
    fn new(node: &str, kind: Option<NodeKind>, items: Option<u32>, started_at: Timestamp) -> Self {
        Self {
            node: node.to_owned(),
            kind,
            // A list without elements is done as it begins.
            status: if items == Some(0) { "done" } else { "running" },
            items,
            done: 0,
            adopted: 0,
            failures: 0,
            started_at,
            ended_at: None,
            spent: Metrics::default(),
            error: None,
            due: None,
            until: None,
            deadline: None,
            questions: Vec::new(),
            held_up: BTreeMap::new(),
            settled: BTreeSet::new(),
        }
    }

    fn take(&mut self, item: &ItemId, event: &Event) {
        match event {
            Event::NodeDone { spent, at, .. } => {
                self.spent = self.spent.plus(*spent);
                self.settle(item.index, *at);
            }
            Event::Adopted { settled, at, .. } => {
                self.adopted += 1;
                match settled {
                    Settled::Output(_) => self.settle(item.index, *at),
                    Settled::Failed(failure) => self.fail(failure, *at),
                }
            }
            Event::Answered { interrupt_id, at, .. } => {
                self.questions.retain(|asked| asked.interrupt_id != *interrupt_id);
                self.settle(item.index, *at);
            }
            Event::NodeFailed { failure, spent, at, .. } => {
                self.spent = self.spent.plus(*spent);
                self.fail(failure, *at);
                self.held_up.remove(&item.index);
            }
            Event::NodeRetry { failure, spent, due, .. } => {
                self.spent = self.spent.plus(*spent);
                (self.error, self.failures) = (Some(failure.error.clone()), self.failures + 1);
                self.due = Some(*due);
                self.hold_up(item.index, "retrying");
            }
            Event::NodeWaits { until, deadline, .. } => {
                (self.until, self.deadline) = (Some(until.clone()), *deadline);
                self.hold_up(item.index, "waiting");
            }
            Event::Interrupted { interrupt, .. } => {
                self.questions.push((**interrupt).clone());
                self.deadline = interrupt.deadline;
                self.hold_up(item.index, "asking");
            }
            Event::NodeStopped { .. } => self.stop(),
            _ => {}
        }
    }

    fn fail(&mut self, failure: &Failure, at: Timestamp) {
        (self.status, self.ended_at) = ("failed", Some(at));
        (self.error, self.failures) = (Some(failure.error.clone()), self.failures + 1);
    }

    fn settle(&mut self, index: Option<u32>, at: Timestamp) {
        self.held_up.remove(&index);
        if self.settled.insert(index) {
            self.done += 1;
        }
        (self.due, self.until, self.deadline) = (None, None, None);
        if self.done >= self.items.unwrap_or(1) {
            (self.status, self.ended_at) = ("done", Some(at));
        } else if self.status != "failed" {
            self.status = self.standing();
        }
    }

    fn hold_up(&mut self, index: Option<u32>, how: &'static str) {
        self.held_up.insert(index, how);
        if self.status != "failed" {
            self.status = self.standing();
        }
    }

    /// It runs while any of its items does.
    fn standing(&self) -> &'static str {
        let open = self.items.unwrap_or(1).saturating_sub(self.done);
        let held_up = u32::try_from(self.held_up.len()).unwrap_or(u32::MAX);
        match self.held_up.values().next() {
            Some(how) if held_up >= open => how,
            _ => "running",
        }
    }

    fn stop(&mut self) {
        if !matches!(self.status, "done" | "failed") {
            self.status = "stopped";
        }
        self.questions.clear();
    }

    fn try_again(&mut self) {
        if self.status != "done" {
            (self.status, self.ended_at, self.due) = ("running", None, None);
            self.held_up.clear();
        }
    }
}
