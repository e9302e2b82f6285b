//! What a workflow makes of the news of its work.

use super::budget::{Asker, Hold};
use super::checkpoint::{Checkpoint, NodeKind, Plan, Then, Whole};
use super::command::{Outcome, Refusal};
use super::decide::NewRun;
use super::event::{Ending, Event};
use super::forks::NO_RECORDING;
use super::item::{Failure, Interrupt, ItemId, ItemPhase};
use super::state::{Facts, Phase, Workflow};
use super::undo::Undo;
use super::visit::Visit;
use crate::nodes::Metrics;
use crate::vocabulary::{Payload, Timestamp};

type Decided = Result<Vec<Event>, Refusal>;

impl Workflow {
    pub(super) fn report_item(
        &self,
        facts: &Facts,
        item: &ItemId,
        outcome: &Outcome,
        plan: Option<&Plan>,
        at: Timestamp,
    ) -> Decided {
        let not_open = || Refusal::NotOpen(item.key("node").0);
        let plan = match self.phase {
            Phase::Running if facts.hold().is_none() => plan,
            // What the step comes to is worked out when it goes on.
            Phase::Running | Phase::Paused { .. } => None,
            _ => return Err(not_open()),
        };
        let phase = facts.item(item)?;
        match outcome {
            Outcome::Done { output, spent } => {
                let done = matches!(phase, ItemPhase::Ready | ItemPhase::Backoff(_))
                    || matches!(phase, ItemPhase::Waiting { .. });
                if done { Ok(facts.done(item, output, *spent, plan, at)) } else { Err(not_open()) }
            }
            Outcome::Failed { .. } if matches!(phase, ItemPhase::Failed { .. }) => Err(not_open()),
            Outcome::Failed { failure, spent } => Ok(facts.failed(item, failure, *spent, plan, at)),
            Outcome::Ask { .. } | Outcome::Wait { .. } => facts.waits_for(item, outcome, at),
        }
    }

    pub(super) fn commit_step(
        &self,
        facts: &Facts,
        step: u32,
        plan: &Plan,
        at: Timestamp,
    ) -> Decided {
        if self.phase != Phase::Running || step != facts.step || !facts.is_step_over() {
            return Err(Refusal::NotOpen(format!("step/{step}")));
        }
        Ok(facts.commit(Vec::new(), plan, Metrics::default(), at))
    }

    pub(super) fn refuse_step(
        &self,
        facts: &Facts,
        step: u32,
        failure: &Failure,
        at: Timestamp,
    ) -> Decided {
        if self.phase != Phase::Running || step != facts.step || !facts.is_step_over() {
            return Err(Refusal::NotOpen(format!("step/{step}")));
        }
        Ok(facts.fail(Vec::new(), None, failure, at))
    }
}

impl Facts {
    fn done(
        &self,
        item: &ItemId,
        output: &Payload,
        spent: Metrics,
        plan: Option<&Plan>,
        at: Timestamp,
    ) -> Vec<Event> {
        // What a `set` computes is what it writes: once is enough, unless whoever undoes it has to see it.
        let spec = &self.visits[&item.node].spec;
        let is_written = plan.is_some() && self.failure.is_none();
        let is_twice = is_written && spec.kind == NodeKind::Set && !spec.is_undoable;
        let output = if is_twice { Payload::default() } else { output.clone() };
        let workflow_id = self.workflow_id.clone();
        let events = vec![Event::NodeDone { workflow_id, item: item.clone(), output, spent, at }];
        match (plan, &self.failure) {
            (Some(plan), None) => self.commit(events, plan, spent, at),
            (_, Some(failure)) if self.is_last(item) => self.fail(events, None, failure, at),
            _ => events,
        }
    }

    fn failed(
        &self,
        item: &ItemId,
        failure: &Failure,
        spent: Metrics,
        plan: Option<&Plan>,
        at: Timestamp,
    ) -> Vec<Event> {
        let spec = &self.visits[&item.node].spec;
        let (workflow_id, failure) = (self.workflow_id.clone(), failure.clone());
        // What was recorded stays as it is, however often it is read.
        let retry = spec.retry.as_ref().filter(|_| self.order.manner.recording.is_none());
        let wait = retry.and_then(|retry| retry.wait(item.attempt, &failure.kind));
        if wait.is_none() && self.asks_about(&failure) {
            return vec![self.ask_about_lost(item, &failure, spent, at)];
        }
        if let Some(wait) = wait {
            let next = ItemId { attempt: item.attempt + 1, ..item.clone() };
            let due = at.after(wait);
            return vec![Event::NodeRetry { workflow_id, item: next, failure, spent, due }];
        }
        self.fail_for_good(item, &failure, spent, plan, at)
    }

    /// Another node takes over, or the run fails.
    pub(super) fn fail_for_good(
        &self,
        item: &ItemId,
        failure: &Failure,
        spent: Metrics,
        plan: Option<&Plan>,
        at: Timestamp,
    ) -> Vec<Event> {
        let (spec, workflow_id) = (&self.visits[&item.node].spec, self.workflow_id.clone());
        let is_caught = spec.is_caught && failure.kind != NO_RECORDING;
        let item = item.clone();
        let (is_last, node) = (self.is_last(&item), item.node.clone());
        let failed =
            |failure| Event::NodeFailed { workflow_id, item, failure, is_caught, spent, at };
        let mut events = vec![failed(failure.clone())];
        match (is_caught, plan) {
            (true, Some(plan)) if self.failure.is_none() => self.commit(events, plan, spent, at),
            (false, _) if is_last => {
                self.fail(events, Some(&node), self.failure.as_ref().unwrap_or(failure), at)
            }
            (true, _) if is_last && self.failure.is_some() => {
                self.fail(events, None, self.failure.as_ref().unwrap_or(failure), at)
            }
            // Nothing new begins, so what waits for room or for a person need not wait any longer.
            (false, _) => {
                events.extend(self.deny_waiting(at));
                events
            }
            _ => events,
        }
    }

    fn waits_for(&self, item: &ItemId, outcome: &Outcome, at: Timestamp) -> Decided {
        if !matches!(self.item(item)?, ItemPhase::Ready | ItemPhase::Backoff(_)) {
            return Err(Refusal::NotOpen(item.key("node").0));
        }
        let (workflow_id, item) = (self.workflow_id.clone(), item.clone());
        let mut events = Vec::new();
        let failing = self.failure.as_ref().filter(|_| self.is_last(&item)).cloned();
        match outcome.clone() {
            Outcome::Ask { question, answer, deadline } => {
                let interrupt_id = item.interrupt(&workflow_id);
                let asked = Interrupt {
                    interrupt_id,
                    asker: Asker::Item(item),
                    question,
                    answer,
                    at,
                    deadline,
                    is_lost_call: false,
                };
                let (interrupt, spent) = (Box::new(asked), Metrics::default());
                events.push(Event::Interrupted { workflow_id, interrupt, spent });
            }
            Outcome::Wait { until, deadline } => {
                events.push(Event::NodeWaits { workflow_id, item, until, deadline });
            }
            Outcome::Done { .. } | Outcome::Failed { .. } => {}
        }
        match failing {
            Some(failure) => Ok(self.fail(events, None, &failure, at)),
            None => Ok(events),
        }
    }

    /// Whether nobody works at any other item.
    fn is_last(&self, item: &ItemId) -> bool {
        self.at_work().iter().all(|other| other == item)
    }

    /// The run has failed. What it did is undone; then what waited begins. Where that is what has failed, somebody has
    /// to decide first. `events` have happened with it.
    pub(super) fn fail(
        &self,
        mut events: Vec<Event>,
        node: Option<&str>,
        failure: &Failure,
        at: Timestamp,
    ) -> Vec<Event> {
        let after = self.after(&events);
        if let Some(undoing) = &after.undoing {
            let (workflow_id, run) = (self.workflow_id.clone(), self.run.number);
            let (failure, spent) = (after.held_up(undoing, failure), after.run.spent);
            events.push(Event::Failed { workflow_id, run, failure, spent, at });
            return events;
        }
        if after.is_off_the_record(failure) {
            let (by, failure) = ("its failure", Ending::Fail(failure.clone()));
            events.extend(after.end(by, &failure, at));
            return events;
        }
        let undo = Undo::after(self.failed_node().or(node), failure);
        events.extend(after.end("its failure", &Ending::Undo(undo), at));
        events
    }

    /// A replay has come to where nothing was recorded: nor was then what the undoing of a failure would do.
    fn is_off_the_record(&self, failure: &Failure) -> bool {
        let is_unknown = |failure: &Failure| failure.kind == NO_RECORDING;
        let mut items = self.visits.values().flat_map(|visit| visit.open.values());
        is_unknown(failure)
            || items
                .any(|item| matches!(&item.phase, ItemPhase::Failed { error } if is_unknown(error)))
    }

    /// The node because of which the run is failing.
    fn failed_node(&self) -> Option<&str> {
        let failed = |visit: &Visit| {
            visit.open.values().any(|item| matches!(item.phase, ItemPhase::Failed { .. }))
        };
        let mut visits = self.visits.iter().filter(|(_, visit)| failed(visit));
        visits.next().map(|(node, _)| node.as_str())
    }

    /// The step is done: another follows, or the run's end, or that of something being undone. `events` have happened
    /// with it.
    fn commit(
        &self,
        mut events: Vec<Event>,
        plan: &Plan,
        spent: Metrics,
        at: Timestamp,
    ) -> Vec<Event> {
        let (workflow_id, number) = (self.workflow_id.clone(), self.step);
        let Plan { writes, bytes, whole, then } = plan.clone();
        let checkpoint = Checkpoint { number, parent: Some(self.checkpoint.number), writes, bytes };
        let next = match &then {
            Then::Next(next) => next.clone(),
            Then::End(_) => super::checkpoint::Next::default(),
        };
        let definition = &self.order.definition;
        let started = Event::nodes_started(&workflow_id, definition, number + 1, &next, at);
        events.push(Event::StepCommitted {
            workflow_id: workflow_id.clone(),
            checkpoint,
            next,
            at,
        });
        events.extend(whole.map(|(state, bytes)| {
            let whole = Whole { number, state, bytes };
            Event::Checkpointed { workflow_id: workflow_id.clone(), whole }
        }));
        match then {
            Then::End(_) if self.undoing.is_some() => {
                events.extend(self.deed_done(at));
                events.extend(self.after(&events).go_on_undoing(at));
            }
            Then::Next(_) if self.visits.is_empty() => events.extend(started),
            Then::Next(_) if !self.is_out_of_steps(self.run.steps + 1) => events.extend(started),
            Then::Next(_) if self.order.limits.asks() => {
                events.extend(self.ask_for_more(Hold::Steps, at));
            }
            Then::Next(_) => {
                let (reached, then) = (self.pace_reached("steps"), self.pace_anew("steps"));
                let error = format!("{reached}: {then}");
                return self.fail(events, None, &Failure::new("limit", error), at);
            }
            Then::End(output) => {
                let (run, spent) = (self.run.number, self.run.spent.plus(spent));
                events.push(Event::Completed { workflow_id, run, output, spent, at });
                events.extend(self.queued_run_after(number, at));
            }
        }
        events
    }

    /// The run that has waited longest begins on the state of the checkpoint that is just being committed.
    fn queued_run_after(&self, number: u32, at: Timestamp) -> Vec<Event> {
        let Some(input) = self.queue.front() else { return Vec::new() };
        let run = self.next_run(Some(number));
        NewRun { step: number, was_queued: true, ..run }.begin(input, at)
    }
}
