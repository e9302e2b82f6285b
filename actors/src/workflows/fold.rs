//! What an event makes of what is known.

use super::checkpoint::{Checkpoint, Next};
use super::command::Order;
use super::event::{Ending, Event};
use super::item::{Item, ItemId, ItemPhase, Settled};
use super::state::{Facts, Phase, Run, Workflow};
use super::visit::Visit;
use crate::nodes::Metrics;
use crate::vocabulary::{Payload, Timestamp, WorkflowId};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

impl Workflow {
    pub(super) fn take_in(&mut self, event: &Event) {
        if let Event::Created { workflow_id, order, at } = event {
            self.facts = Some(Facts::new(workflow_id, order, *at));
        }
        if let Some(facts) = self.facts.as_mut() {
            facts.take_in(event);
        }
        if let Some(phase) = phase_after(event) {
            self.phase = phase;
        }
    }
}

fn phase_after(event: &Event) -> Option<Phase> {
    match event {
        Event::RunStarted { .. } | Event::Resumed { .. } | Event::Retried { .. } => {
            Some(Phase::Running)
        }
        Event::Completed { .. } => Some(Phase::Completed),
        Event::Failed { .. } => Some(Phase::Failed),
        Event::Paused { by, .. } => Some(Phase::Paused { by: by.clone() }),
        Event::Stopping { by, then, .. } => {
            Some(Phase::Stopping { by: by.clone(), then: then.clone() })
        }
        Event::Cancelled { .. } => Some(Phase::Cancelled),
        _ => None,
    }
}

impl Facts {
    fn new(workflow_id: &WorkflowId, order: &Order, at: Timestamp) -> Self {
        let number = 0;
        let checkpoint = Checkpoint { number, parent: None, writes: Payload::default(), bytes: 0 };
        let run = Run {
            number: 0,
            input: Payload::default(),
            base: None,
            tries: 0,
            steps: 0,
            spent: Metrics::default(),
            since: at,
        };
        Self {
            workflow_id: workflow_id.clone(),
            order: order.clone(),
            run,
            checkpoint,
            step: 0,
            visits: BTreeMap::new(),
            joins: Vec::new(),
            concurrency: 0,
            queue: VecDeque::new(),
            spent: Metrics::default(),
            since_whole: 0,
            whole: 0,
            failure: None,
            created_at: at,
            updated_at: at,
            ended_at: None,
        }
    }

    fn take_in(&mut self, event: &Event) {
        match event {
            Event::RunStarted { run, input, checkpoint, next, was_queued, at, .. } => {
                if *was_queued {
                    self.queue.pop_front();
                }
                self.begin(*run, input, checkpoint.parent, *at);
                self.move_on(checkpoint, next.as_ref().unwrap_or(&Next::default()), *at);
            }
            Event::RunQueued { input, .. } => self.queue.push_back((**input).clone()),
            Event::StepCommitted { checkpoint, next, at, .. } => {
                self.run.steps += 1;
                self.move_on(checkpoint, next, *at);
            }
            Event::Checkpointed { whole, .. } => (self.since_whole, self.whole) = (0, whole.bytes),
            Event::Failing { failure, .. } => {
                self.failure.get_or_insert_with(|| failure.clone());
                self.freeze();
            }
            Event::Failed { failure, at, .. } => {
                self.failure = Some(failure.clone());
                self.ended_at = Some(*at);
            }
            Event::Completed { at, .. } => self.ended_at = Some(*at),
            Event::Cancelled { at, .. } => {
                self.ended_at = Some(*at);
                self.visits.clear();
            }
            Event::Retried { at, .. } => self.try_again(*at),
            Event::Paused { .. } => self.freeze(),
            Event::Resumed { .. } if self.failure.is_none() => {
                self.visits.values_mut().for_each(Visit::thaw);
            }
            _ => self.take_in_item(event),
        }
    }

    fn take_in_item(&mut self, event: &Event) {
        match event {
            Event::NodeDone { item, output, spent, at, .. } => {
                self.settle(item, Settled::Output(output.clone()));
                self.spend(spent);
                self.updated_at = *at;
            }
            Event::Answered { item, answer, at, .. } => {
                self.settle(item, Settled::Output(Payload::Inline(answer.clone())));
                self.updated_at = *at;
            }
            Event::NodeRetry { item, spent, due, .. } => {
                self.spend(spent);
                self.put(item, ItemPhase::Backoff(*due));
            }
            Event::NodeFailed { item, failure, is_caught, spent, .. } => {
                self.spend(spent);
                if *is_caught {
                    self.settle(item, Settled::Failed(failure.clone()));
                    self.freeze_node(&item.node);
                } else {
                    self.put(item, ItemPhase::Failed { error: failure.clone() });
                    self.failure.get_or_insert_with(|| failure.clone());
                    self.freeze();
                }
            }
            Event::NodeWaits { item, until, deadline, .. } => {
                let (until, deadline) = (until.clone(), *deadline);
                self.put(item, ItemPhase::Waiting { until, deadline });
            }
            Event::Interrupted { interrupt, .. } => {
                self.put(&interrupt.item, ItemPhase::Asked((**interrupt).clone()));
            }
            Event::Stopping { then, .. } => {
                if matches!(then, Ending::Cancel) {
                    self.queue.clear();
                }
                self.freeze();
            }
            Event::NodeStopped { item, .. } => {
                if let Some(visit) = self.visits.get_mut(&item.node) {
                    visit.remove(item.index);
                }
            }
            _ => {}
        }
    }

    fn begin(&mut self, number: u32, input: &Payload, base: Option<u32>, since: Timestamp) {
        let (input, spent) = (input.clone(), Metrics::default());
        self.run = Run { number, input, base, tries: 0, steps: 0, spent, since };
        (self.failure, self.ended_at) = (None, None);
        if base.is_none() || base != Some(self.checkpoint.number) {
            // What was counted belongs to a state that is left behind.
            (self.since_whole, self.whole) = (0, 0);
        }
    }

    fn move_on(&mut self, checkpoint: &Checkpoint, next: &Next, at: Timestamp) {
        self.checkpoint = checkpoint.clone();
        self.step = checkpoint.number + 1;
        self.since_whole += checkpoint.bytes;
        self.visits =
            next.nodes.iter().map(|(node, spec)| (node.clone(), Visit::new(spec, at))).collect();
        self.joins.clone_from(&next.joins);
        self.concurrency = next.concurrency.max(1);
        self.updated_at = at;
    }

    fn settle(&mut self, item: &ItemId, settled: Settled) {
        if let Some(visit) = self.visits.get_mut(&item.node) {
            visit.settle(item.index, settled);
        }
    }

    fn put(&mut self, id: &ItemId, phase: ItemPhase) {
        if let Some(visit) = self.visits.get_mut(&id.node) {
            visit.put(id.index, Item { attempt: id.attempt, phase });
        }
    }

    fn spend(&mut self, spent: &Metrics) {
        self.run.spent = self.run.spent.plus(*spent);
        self.spent = self.spent.plus(*spent);
    }

    /// From now on only what is worked at goes on.
    fn freeze(&mut self) {
        let mut at_work: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for item in self.at_work() {
            at_work.entry(item.node).or_default().insert(item.index);
        }
        for (node, visit) in &mut self.visits {
            visit.last = Some(at_work.remove(node).unwrap_or_default());
        }
    }

    fn freeze_node(&mut self, node: &str) {
        let at_work = self.at_work().into_iter().filter(|item| item.node == node);
        let last = at_work.map(|item| item.index).collect();
        if let Some(visit) = self.visits.get_mut(node) {
            visit.last = Some(last);
        }
    }

    fn try_again(&mut self, at: Timestamp) {
        (self.failure, self.ended_at) = (None, None);
        let run = &mut self.run;
        (run.tries, run.steps, run.spent, run.since) = (run.tries + 1, 0, Metrics::default(), at);
        self.visits.values_mut().for_each(Visit::retry);
    }
}
