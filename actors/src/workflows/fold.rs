//! What an event makes of what is known.

use super::budget::{Asker, Ledger};
use super::checkpoint::{Checkpoint, Next};
use super::command::{Input, Order};
use super::event::Event;
use super::item::{Failure, Item, ItemId, ItemPhase, Settled};
use super::state::{Facts, Phase, Run, Workflow};
use super::undo::UNDO_FAILED;
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
        if let (Event::Budget { fact, at, .. }, Some(facts)) = (event, self.facts.as_mut())
            && facts.take_in_fact(fact, *at)
            && self.phase == Phase::Running
        {
            facts.visits.values_mut().for_each(|visit| visit.thaw(*at));
        }
    }
}

fn phase_after(event: &Event) -> Option<Phase> {
    match event {
        Event::Rewound { to, .. } if to.is_end() => Some(Phase::Completed),
        Event::Completed { .. } => Some(Phase::Completed),
        Event::Failed { .. } => Some(Phase::Failed),
        Event::Paused { by, .. } | Event::Rewound { by, is_paused: true, .. } => {
            Some(Phase::Paused { by: by.clone() })
        }
        Event::Stopping { by, then, .. } => {
            Some(Phase::Stopping { by: by.clone(), then: then.clone() })
        }
        Event::Cancelled { .. } => Some(Phase::Cancelled),
        Event::RunStarted { .. }
        | Event::Forked { .. }
        | Event::Resumed { .. }
        | Event::Retried { .. }
        | Event::Undoing { .. }
        | Event::Rewound { .. } => Some(Phase::Running),
        _ => None,
    }
}

impl Facts {
    fn new(workflow_id: &WorkflowId, order: &Order, at: Timestamp) -> Self {
        let number = 0;
        let checkpoint = Checkpoint { number, parent: None, writes: Payload::default(), bytes: 0 };
        let run = Run::new(0, Payload::default(), (checkpoint.clone(), None), at);
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
            unheard: Metrics::default(),
            since_whole: 0,
            whole: 0,
            ledger: Ledger::default(),
            grants: 0,
            failure: None,
            created_at: at,
            updated_at: at,
            ended_at: None,
            deeds: BTreeMap::new(),
            undoing: None,
            runs: 0,
            course: 0,
            returns: 0,
            is_held: false,
            below: BTreeSet::new(),
            pauses: 0,
        }
    }

    /// What is known after these events.
    pub(super) fn after(&self, events: &[Event]) -> Self {
        let mut after = self.clone();
        for event in events {
            after.take_in(event);
        }
        after
    }

    fn take_in(&mut self, event: &Event) {
        self.course += u32::from(is_turn(event));
        match event {
            Event::RunStarted { run, input, checkpoint, next, was_queued, at, .. } => {
                if *was_queued {
                    self.queue.pop_front();
                }
                self.begin(*run, input, (checkpoint, next.as_ref()), *at);
                self.move_on(checkpoint, next.as_ref().unwrap_or(&Next::default()), *at);
                // Its first nodes may have to be worked out, which is a step, too.
                self.step = checkpoint.number + 1;
            }
            Event::Forked { at, .. } => self.begin_forked(*at),
            Event::RunQueued { input, .. } => self.queue.push_back((**input).clone()),
            Event::StepCommitted { checkpoint, next, at, .. } => {
                // A step without nodes has only worked out which are the first.
                self.run.steps += u32::from(self.undoing.is_none() && !self.visits.is_empty());
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
                self.ledger.end();
            }
            Event::Completed { at, .. } => {
                self.ended_at = Some(*at);
                self.ledger.end();
            }
            Event::Cancelled { at, .. } => {
                self.ended_at = Some(*at);
                self.note_open();
                self.visits.clear();
                self.undoing = None;
                self.ledger.end();
            }
            Event::Retried { at, .. } => self.try_again(*at),
            Event::Paused { is_held, at, .. } => {
                self.is_held = *is_held;
                self.ripen(*at);
                self.freeze();
                self.steer();
            }
            Event::Resumed { at, .. } => self.go_on(*at),
            Event::Rewound { to, step, is_paused, at, .. } => {
                self.rewound(to, *step, *is_paused, *at);
            }
            Event::NodeSteered { item, .. } => drop(self.below.remove(item)),
            Event::Undoing { .. }
            | Event::NodeUndoing { .. }
            | Event::NodeUndone { .. }
            | Event::Undone { .. } => self.take_in_undo(event),
            _ => self.take_in_item(event),
        }
    }

    fn take_in_item(&mut self, event: &Event) {
        match event {
            Event::NodeDone { item, output, spent, at, .. } => {
                self.note(item, true, true);
                self.settle(item, Settled::Output(output.clone()));
                self.spend(spent);
                self.updated_at = *at;
            }
            Event::Adopted { item, settled, .. } => {
                self.settle(item, settled.clone());
                if matches!(settled, Settled::Failed(_)) {
                    self.end_node(&item.node);
                }
            }
            Event::Answered { item, answer, at, .. } => {
                self.note(item, true, false);
                self.settle(item, Settled::Output(Payload::Inline(answer.clone())));
                self.updated_at = *at;
            }
            Event::NodeRetry { item, spent, due, .. } => {
                self.spend(spent);
                self.put(item, ItemPhase::Backoff(*due));
            }
            Event::NodeFailed { item, failure, is_caught, spent, .. } => {
                self.spend(spent);
                self.fail_item(item, failure, *is_caught);
            }
            Event::CallBegun { item, .. } => {
                if let Some(visit) = self.visits.get_mut(&item.node) {
                    visit.begun.insert(item.clone());
                }
            }
            Event::NodeWaits { item, until, deadline, .. } => {
                let (until, deadline) = (until.clone(), *deadline);
                self.put(item, ItemPhase::Waiting { until, deadline });
            }
            Event::Interrupted { interrupt, spent, .. } => match &interrupt.asker {
                Asker::Item(item) => {
                    self.spend(spent);
                    self.put(item, ItemPhase::Asked((**interrupt).clone()));
                }
                Asker::Limit(_) => self.ask_limit(interrupt),
            },
            Event::Stopping { then, at, .. } => {
                if then.is_cancel() {
                    self.queue.clear();
                }
                self.ripen(*at);
                self.freeze();
            }
            Event::NodeStopped { item, spent, .. } => {
                self.spend(spent);
                self.note(item, false, true);
                if let Some(visit) = self.visits.get_mut(&item.node) {
                    visit.remove(item.index);
                }
            }
            _ => {}
        }
    }

    /// An item has failed for good: another node takes over, or the run fails.
    fn fail_item(&mut self, item: &ItemId, failure: &Failure, is_caught: bool) {
        if is_caught {
            self.note(item, false, failure.kind == UNDO_FAILED);
            self.settle(item, Settled::Failed(failure.clone()));
            self.freeze_node(&item.node);
        } else {
            self.put(item, ItemPhase::Failed { error: failure.clone() });
            self.failure.get_or_insert_with(|| failure.clone());
            self.freeze();
        }
    }

    fn begin(
        &mut self,
        number: u32,
        input: &Payload,
        (checkpoint, next): (&Checkpoint, Option<&Next>),
        since: Timestamp,
    ) {
        self.note_open();
        self.begin_unheard();
        let (tries, base, is_first) = (self.run.tries, checkpoint.parent, self.runs == 0);
        let begun = (checkpoint.clone(), next.cloned());
        self.run = Run { tries, ..Run::new(number, input.clone(), begun, since) };
        self.runs = self.runs.max(number);
        self.grant_anew();
        (self.failure, self.ended_at, self.undoing) = (None, None, None);
        if base.is_none() || base != Some(self.checkpoint.number) {
            // What was counted belongs to a state that is left behind.
            (self.since_whole, self.whole) = (0, 0);
            self.returns += u32::from(!is_first);
        }
    }

    /// Its run goes on from where another workflow stood.
    fn begin_forked(&mut self, at: Timestamp) {
        let Some((checkpoint, origin)) = self.order.first_checkpoint() else { return };
        let (run, step, whole, is_over) =
            (origin.run, origin.step, origin.bytes, origin.end.is_some());
        let Input { input, next, .. } = self.order.run.clone();
        self.begin(run, &input, (&checkpoint, next.as_ref()), at);
        // Rolled back, it is where the fork began.
        self.run.base = Some(checkpoint.number);
        self.move_on(&checkpoint, &next.unwrap_or_default(), at);
        if !is_over {
            // Its first nodes may have to be worked out, which is a step, too.
            self.step = step;
        }
        (self.since_whole, self.whole) = (0, whole);
    }

    /// A checkpoint is the newest; where nothing follows it, its step stays the last one.
    pub(super) fn move_on(&mut self, checkpoint: &Checkpoint, next: &Next, at: Timestamp) {
        self.checkpoint = checkpoint.clone();
        self.since_whole += checkpoint.bytes;
        self.enter(checkpoint.number + u32::from(!next.nodes.is_empty()), next, at);
    }

    /// These nodes are the step.
    pub(super) fn enter(&mut self, step: u32, next: &Next, at: Timestamp) {
        self.step = step;
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
        self.unheard = self.unheard.plus(*spent);
        if let Some(undoing) = &mut self.undoing {
            undoing.spent = undoing.spent.plus(*spent);
        }
    }

    /// From now on only what is worked at goes on.
    pub(super) fn freeze(&mut self) {
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

    /// Nothing more of it is worked at.
    fn end_node(&mut self, node: &str) {
        if let Some(visit) = self.visits.get_mut(node) {
            visit.last = Some(BTreeSet::new());
        }
    }

    fn try_again(&mut self, at: Timestamp) {
        self.begin_unheard();
        (self.failure, self.ended_at) = (None, None);
        let run = &mut self.run;
        (run.tries, run.steps, run.spent, run.since) = (run.tries + 1, 0, Metrics::default(), at);
        self.renew();
        self.visits.values_mut().for_each(Visit::retry);
    }

    /// After an end, whatever it has taken has been told.
    pub(super) fn begin_unheard(&mut self) {
        if self.ended_at.is_some() {
            self.unheard = Metrics::default();
        }
    }

    /// It goes on after a pause. What was being worked out is worked out under another key: its outcome may have come
    /// meanwhile, when nobody wanted it.
    fn go_on(&mut self, at: Timestamp) {
        self.is_held = false;
        self.run.tries += 1;
        self.steer();
        if self.failure.is_none() && self.hold().is_none() {
            self.visits.values_mut().for_each(|visit| visit.thaw(at));
        }
    }

    /// What was to be tried again by now is at work.
    fn ripen(&mut self, now: Timestamp) {
        let items = self.visits.values_mut().flat_map(|visit| visit.open.values_mut());
        for item in items {
            if matches!(item.phase, ItemPhase::Backoff(due) if due <= now) {
                item.phase = ItemPhase::Ready;
            }
        }
    }
}

impl Run {
    pub(super) fn new(
        number: u32,
        input: Payload,
        begun: (Checkpoint, Option<Next>),
        since: Timestamp,
    ) -> Self {
        let (base, spent) = (begun.0.parent, Metrics::default());
        let (tries, steps, is_undone, renewed) = Default::default();
        Self { number, input, base, tries, steps, spent, since, begun, is_undone, renewed }
    }
}

/// Whether it goes elsewhere from now on, or begins anew.
fn is_turn(event: &Event) -> bool {
    matches!(
        event,
        Event::RunStarted { .. }
            | Event::Retried { .. }
            | Event::Stopping { .. }
            | Event::Undoing { .. }
            | Event::Rewound { .. }
    )
}
