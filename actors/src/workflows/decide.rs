//! What a workflow answers to those who steer it.

use super::budget::{Asker, Hold};
use super::checkpoint::Checkpoint;
use super::command::{Input, OnRunning, Order, Refusal};
use super::event::{Ending, Event};
use super::item::{Failure, ItemId, ItemPhase};
use super::state::{Facts, Phase, Workflow};
use super::undo::Undo;
use crate::graph;
use crate::machine::Context;
use crate::nodes::Metrics;
use crate::vocabulary::{Name, Timestamp, WorkflowId};
use serde_json::Value;

type Decided = Result<Vec<Event>, Refusal>;

impl Workflow {
    pub(super) fn start(&self, order: &Order, context: &Context<'_>) -> Decided {
        if self.phase != Phase::New {
            return Err(Refusal::Exists);
        }
        let (workflow_id, at) = (WorkflowId(context.stream.name.clone()), context.now);
        if let Some(origin) = &order.origin {
            return Ok(origin.begin(order, &workflow_id, at));
        }
        let run = NewRun {
            workflow_id: &workflow_id,
            order,
            number: 1,
            step: 0,
            from: None,
            was_queued: false,
        };
        let mut events = run.begin(&order.run, at);
        let order = Box::new(order.clone());
        events.insert(0, Event::Created { workflow_id, order, at });
        Ok(events)
    }

    pub(super) fn start_run(
        &self,
        facts: &Facts,
        run: &Input,
        on_running: OnRunning,
        at: Timestamp,
    ) -> Decided {
        if facts.order.parent.is_some() {
            return Err(self.not(
                "a subgraph has the one run that its parent gave it: begin another one of its root, or fork it",
            ));
        }
        let is_under_way = match self.phase {
            Phase::Completed | Phase::Failed | Phase::Cancelled | Phase::New => false,
            Phase::Running | Phase::Paused { .. } | Phase::Stopping { .. } => true,
        };
        if !is_under_way {
            return Ok(facts.next_run(Some(facts.checkpoint.number)).begin(run, at));
        }
        let is_stopping = matches!(self.phase, Phase::Stopping { .. });
        let input = Box::new(run.clone());
        let is_settled = is_stopping || facts.undoing.is_some();
        let ending = match on_running {
            OnRunning::Enqueue => {
                let workflow_id = facts.workflow_id.clone();
                return Ok(vec![Event::RunQueued { workflow_id, input, at }]);
            }
            OnRunning::Interrupt if !is_settled => {
                Ending::Run { input, from: Some(facts.checkpoint.number) }
            }
            OnRunning::Rollback if !is_settled => {
                let then = Ending::Run { input, from: facts.run.base };
                let error = "rolled back for another run".to_owned();
                Ending::Undo(Undo::before(None, "rolled_back", error, then))
            }
            _ => {
                let hint = "a run is under way: wait for its end, or say on_running = enqueue, interrupt or rollback";
                return Err(self.not(hint));
            }
        };
        Ok(facts.stop("another run", &ending, at))
    }

    pub(super) fn answer(
        &self,
        facts: &Facts,
        interrupt_id: &Name,
        answer: &Value,
        by: &str,
        at: Timestamp,
    ) -> Decided {
        if !matches!(self.phase, Phase::Running | Phase::Paused { .. }) {
            return Err(self.not("only a run that is under way takes answers"));
        }
        let asked = facts.interrupts().find(|asked| asked.interrupt_id == *interrupt_id);
        let asked = asked.ok_or_else(|| Refusal::NoSuchInterrupt(interrupt_id.clone()))?;
        if let Some(schema) = &asked.answer {
            graph::check_value(schema, answer).map_err(Refusal::BadAnswer)?;
        }
        let item = match &asked.asker {
            Asker::Item(item) if asked.is_lost_call => {
                return Ok(facts.decide_lost(asked, item, (answer, by), at));
            }
            Asker::Item(item) => item.clone(),
            Asker::Limit(limit) => {
                return facts.answer_limit(interrupt_id, limit, answer, by, at);
            }
        };
        Ok(vec![Event::Answered {
            workflow_id: facts.workflow_id.clone(),
            interrupt_id: interrupt_id.clone(),
            item,
            answer: answer.clone(),
            by: by.to_owned(),
            at,
        }])
    }

    pub(super) fn pause(&self, facts: &Facts, by: &str, at: Timestamp) -> Decided {
        let (workflow_id, by) = (facts.workflow_id.clone(), by.to_owned());
        match self.phase {
            Phase::Running => Ok(vec![Event::Paused { workflow_id, by, is_held: false, at }]),
            // From now on it does not go on with its parent.
            Phase::Paused { .. } if facts.is_held => {
                Ok(vec![Event::Paused { workflow_id, by, is_held: false, at }])
            }
            Phase::Paused { .. } => Ok(Vec::new()),
            _ => Err(self.not("only a run that is under way can be paused")),
        }
    }

    pub(super) fn resume(&self, facts: &Facts, by: &str, at: Timestamp) -> Decided {
        let (workflow_id, by) = (facts.workflow_id.clone(), by.to_owned());
        match self.phase {
            Phase::Paused { .. } if facts.is_held => {
                Err(self.not("its parent is paused: resume that one"))
            }
            Phase::Paused { .. } => Ok(vec![Event::Resumed { workflow_id, by, at }]),
            Phase::Failed => self.retry(facts, &by, at),
            Phase::Running if facts.interrupts().next().is_some() => {
                Err(self.not("answer its questions, and it goes on"))
            }
            _ => {
                Err(self
                    .not("only a paused or failed run can be resumed; give input to begin another"))
            }
        }
    }

    pub(super) fn retry(&self, facts: &Facts, by: &str, at: Timestamp) -> Decided {
        let (workflow_id, by) = (facts.workflow_id.clone(), by.to_owned());
        match self.phase {
            // What it did is undone: there is nothing to go on with.
            Phase::Failed if facts.run.is_undone => Ok(facts.begin_anew(&by, at)),
            Phase::Failed => Ok(vec![Event::Retried { workflow_id, by, at }]),
            _ => Err(self.not("only a failed run can be tried again; say from which step, where it should go back")),
        }
    }

    pub(super) fn cancel(&self, facts: &Facts, by: &str, at: Timestamp) -> Decided {
        match self.phase {
            Phase::Running | Phase::Paused { .. } => Ok(facts.stop(by, &Ending::Cancel, at)),
            // What could not be undone is left as it is.
            Phase::Failed if facts.undoing.is_some() => Ok(facts.stop(by, &Ending::Cancel, at)),
            Phase::Stopping { ref then, .. } if then.is_cancel() => Ok(Vec::new()),
            Phase::Cancelled => Ok(Vec::new()),
            _ => Err(self.not("no run is under way")),
        }
    }

    pub(super) fn end_run(
        &self,
        facts: &Facts,
        run: u32,
        failure: &Failure,
        at: Timestamp,
    ) -> Decided {
        let is_under_way = matches!(self.phase, Phase::Running | Phase::Paused { .. });
        if is_under_way && run == facts.run.number && facts.undoing.is_none() {
            let undo = Undo::after(None, failure);
            return Ok(facts.stop("limits", &Ending::Undo(undo), at));
        }
        Err(Refusal::NotOpen(format!("run {run}")))
    }

    pub(super) fn ask_for_time(&self, facts: &Facts, run: u32, at: Timestamp) -> Decided {
        if self.phase == Phase::Running && run == facts.run.number && facts.hold().is_none() {
            return Ok(facts.ask_for_more(Hold::Seconds, at));
        }
        Err(Refusal::NotOpen(format!("run {run}")))
    }

    pub(super) fn report_stopped(
        &self,
        facts: &Facts,
        item: &ItemId,
        spent: Metrics,
        at: Timestamp,
    ) -> Decided {
        let Phase::Stopping { then, by } = &self.phase else {
            return Err(Refusal::NotOpen(item.key("stop").0));
        };
        if !matches!(facts.item(item)?, ItemPhase::Ready) {
            return Err(Refusal::NotOpen(item.key("stop").0));
        }
        let workflow_id = facts.workflow_id.clone();
        let mut events = vec![Event::NodeStopped { workflow_id, item: item.clone(), spent }];
        if facts.to_stop().iter().all(|(other, _)| other == item) {
            events.extend(facts.after(&events).end(by, then, at));
        }
        Ok(events)
    }
}

impl Facts {
    pub(super) fn next_run(&self, from: Option<u32>) -> NewRun<'_> {
        NewRun {
            workflow_id: &self.workflow_id,
            order: &self.order,
            number: self.runs + 1,
            step: self.step,
            from,
            was_queued: false,
        }
    }

    /// Ends the run: at once, or when those who work at it have stopped.
    pub(super) fn stop(&self, by: &str, then: &Ending, at: Timestamp) -> Vec<Event> {
        let mut events = vec![Event::Stopping {
            workflow_id: self.workflow_id.clone(),
            run: self.run.number,
            by: by.to_owned(),
            then: then.clone(),
            called_off: if then.is_cancel() { self.waiting_runs() } else { 0 },
            at,
        }];
        let stopping = self.after(&events);
        if stopping.to_stop().is_empty() {
            events.extend(stopping.end(by, then, at));
        }
        events
    }

    /// Nobody works at it any more.
    pub(super) fn end(&self, by: &str, then: &Ending, at: Timestamp) -> Vec<Event> {
        let (workflow_id, run) = (self.workflow_id.clone(), self.run.number);
        let cancelled = || Event::Cancelled {
            workflow_id: workflow_id.clone(),
            run,
            by: by.to_owned(),
            spent: self.run.spent,
            at,
        };
        match then {
            // Runs that waited were called off with it; those that were asked for since begin.
            Ending::Cancel => std::iter::once(cancelled()).chain(self.queued_run(at)).collect(),
            Ending::Fail(failure) => {
                let failure = failure.clone();
                let spent = self.run.spent;
                let failed = Event::Failed { workflow_id, run, failure, spent, at };
                std::iter::once(failed).chain(self.queued_run(at)).collect()
            }
            Ending::Run { input, from } => {
                std::iter::once(cancelled()).chain(self.next_run(*from).begin(input, at)).collect()
            }
            Ending::Rewind { to, is_paused } => self.go_back(by, to, *is_paused, at),
            Ending::Undo(undo) => self.begin_undoing(by, undo, at),
        }
    }

    pub(super) fn waiting_runs(&self) -> u32 {
        u32::try_from(self.queue.len()).unwrap_or(u32::MAX)
    }

    /// The run that has waited longest begins, where the one before it ended.
    pub(super) fn queued_run(&self, at: Timestamp) -> Vec<Event> {
        let Some(input) = self.queue.front() else { return Vec::new() };
        let run = self.next_run(Some(self.checkpoint.number));
        NewRun { was_queued: true, ..run }.begin(input, at)
    }
}

/// A run to be.
pub(super) struct NewRun<'a> {
    pub(super) workflow_id: &'a WorkflowId,
    pub(super) order: &'a Order,
    pub(super) number: u32,
    /// The greatest number that a step was ever given.
    pub(super) step: u32,
    /// On the state of which checkpoint; `None`: the state at first.
    pub(super) from: Option<u32>,
    /// It waited for the end of another.
    pub(super) was_queued: bool,
}

impl NewRun<'_> {
    /// Its input is a checkpoint of its own.
    pub(super) fn begin(&self, input: &Input, at: Timestamp) -> Vec<Event> {
        let (number, run) = (self.step + 1, self.number);
        let Input { input, writes, bytes, next } = input.clone();
        let checkpoint = Checkpoint { number, parent: self.from, writes, bytes };
        let definition = &self.order.definition;
        let started = next
            .as_ref()
            .map(|next| Event::nodes_started(self.workflow_id, definition, number + 1, next, at));
        let (workflow_id, was_queued) = (self.workflow_id.clone(), self.was_queued);
        let begun = Event::RunStarted { workflow_id, run, input, checkpoint, next, was_queued, at };
        std::iter::once(begun).chain(started.into_iter().flatten()).collect()
    }
}
