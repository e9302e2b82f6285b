//! What a history tells of runs, steps and nodes: their records, and what the news of an item makes of its node's.

use super::checkpoint::NodeKind;
use super::event::Event;
use super::forks::Source;
use super::item::{Failure, Interrupt, ItemId, Settled, Waiting};
use super::undo::Deed;
use crate::nodes::Metrics;
use crate::vocabulary::{Payload, Timestamp};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

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
    /// What it undoes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undoes: Option<Deed>,
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
    /// `held` (it begins when the workflow goes on), `running`, `retrying`, `asking`, `waiting`, `done`, `undone`, `failed` or `stopped`.
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

impl RunRecord {
    pub(super) fn new(run: u32, started_at: Timestamp) -> Self {
        Self { run, started_at, ended_at: None, status: "running", why: None, spent: None }
    }
}

impl NodeRecord {
    pub(super) fn new(
        node: &str,
        kind: Option<NodeKind>,
        items: Option<u32>,
        started_at: Timestamp,
    ) -> Self {
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

    pub(super) fn take(&mut self, item: &ItemId, event: &Event) {
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
            Event::CallDecided { interrupt_id, .. } => {
                self.questions.retain(|asked| asked.interrupt_id != *interrupt_id);
            }
            Event::Interrupted { interrupt, spent, .. } => {
                self.spent = self.spent.plus(*spent);
                self.questions.push((**interrupt).clone());
                self.deadline = interrupt.deadline;
                self.hold_up(item.index, "asking");
            }
            Event::NodeStopped { spent, .. } => {
                self.spent = self.spent.plus(*spent);
                self.stop();
            }
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

    /// What it did is undone, or some of it.
    pub(super) fn undo(&mut self) {
        self.status = "undone";
    }

    pub(super) fn stop(&mut self) {
        if !matches!(self.status, "done" | "undone" | "failed") {
            self.status = "stopped";
        }
        self.questions.clear();
    }

    /// Nobody works at it before the workflow goes on.
    pub(super) fn hold(&mut self) {
        if self.status == "running" {
            self.status = "held";
        }
    }

    /// The workflow goes on: only now it begins.
    pub(super) fn go_on(&mut self, at: Timestamp) {
        if self.status == "held" {
            (self.status, self.started_at) = ("running", at);
        }
    }

    pub(super) fn try_again(&mut self) {
        if self.status != "done" {
            (self.status, self.ended_at, self.due) = ("running", None, None);
            self.held_up.clear();
        }
    }
}
