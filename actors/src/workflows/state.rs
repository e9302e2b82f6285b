//! The workflow's machine. It knows where its run stands in the graph, and what is worked at; what the channels hold
//! and what the definition says lies in files and in its own past, and is worked out by those who perform
//! ([`super::effect`]). So it stays small however large the state is.
//!
//! ```text
//! NEW ─► running ─► completed ─► (another run) running …
//!         │ ▲  ╲
//!         │ │   ╲─► failing ─► [undoing ─►] failed ─► (retry, another run) running …
//!         ▼ │    ╲─► stopping ─► [undoing ─►] cancelled, failed, another run, or back at a checkpoint
//!        paused
//!
//! undoing is running, too: what runs are the nodes that undo ([`super::undo`])
//! ```

use super::budget::{Ledger, Renewed};
use super::checkpoint::{Checkpoint, Join, Next};
use super::command::{Command, Input, Order, Refusal};
use super::effect::Effect;
use super::event::{Ending, Event};
use super::item::{Failure, Interrupt, ItemId, ItemPhase, Settled};
use super::undo::{Undoable, Undoing};
use super::visit::Visit;
use crate::machine::{Context, Held, Machine, Row, Want};
use crate::nodes::Metrics;
use crate::vocabulary::{EffectKey, Payload, Timestamp, Topic, WorkflowId};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// An instance of a definition.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Workflow {
    pub(super) phase: Phase,
    pub(super) facts: Option<Facts>,
}

/// Where it stands.
#[derive(Debug, Default, Clone, PartialEq)]
pub enum Phase {
    /// It does not exist yet.
    #[default]
    New,
    /// A run is under way.
    Running,
    /// A run is under way, and nothing new begins.
    Paused {
        /// Who wanted it.
        by: String,
    },
    /// A run is being ended.
    Stopping {
        /// Who wanted it.
        by: String,
        /// What follows.
        then: Ending,
    },
    /// The last run has come to its end.
    Completed,
    /// The last run has failed.
    Failed,
    /// The last run was cancelled.
    Cancelled,
}

impl Phase {
    /// Whether its last run has ended, however.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }
}

/// What is known in every phase but the first.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Facts {
    pub(super) workflow_id: WorkflowId,
    pub(super) order: Order,
    pub(super) run: Run,
    /// The newest checkpoint.
    pub(super) checkpoint: Checkpoint,
    /// The greatest number that a step was ever given.
    pub(super) step: u32,
    /// What is worked at, or was when the run ended before its time.
    pub(super) visits: BTreeMap<String, Visit>,
    pub(super) joins: Vec<Join>,
    pub(super) concurrency: usize,
    /// Runs that wait.
    pub(super) queue: VecDeque<Input>,
    /// What all runs have taken.
    pub(super) spent: Metrics,
    /// What was taken since it last began after an end: whoever waits for its next end has not heard of it.
    pub(super) unheard: Metrics,
    /// How many bytes were written since the whole state was, and how many that had.
    pub(super) since_whole: u64,
    pub(super) whole: u64,
    /// What its lineage may take, where it is the root; and its own pace.
    pub(super) ledger: Ledger,
    /// How often its limits began anew.
    pub(super) grants: u32,
    /// Why the run fails, or has failed.
    pub(super) failure: Option<Failure>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    pub(super) ended_at: Option<Timestamp>,
    /// What was done and can be undone, and has not been.
    pub(super) deeds: BTreeMap<ItemId, Undoable>,
    /// What is being undone; after a failure, what is left.
    pub(super) undoing: Option<Undoing>,
    /// The greatest number that a run was ever given.
    pub(super) runs: u32,
    /// How often somebody or something changed where it is going.
    pub(super) course: u32,
    /// How often it went back to a state that was left behind: its conversations part there.
    pub(super) returns: u32,
    /// It is paused because its parent is.
    pub(super) is_held: bool,
    /// The subgraphs that have to be told that it is paused, or goes on.
    pub(super) below: BTreeSet<ItemId>,
    /// How often it was paused or went on: part of the keys of telling them.
    pub(super) pauses: u32,
}

/// One passage through the graph.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Run {
    pub(super) number: u32,
    pub(super) input: Payload,
    /// The checkpoint on whose state it began.
    pub(super) base: Option<u32>,
    /// How often this or an earlier run was tried again or went on: part of the keys of work that may be wanted once
    /// more then.
    pub(super) tries: u32,
    /// Counted since it began, or was tried again.
    pub(super) steps: u32,
    pub(super) spent: Metrics,
    pub(super) since: Timestamp,
    /// The checkpoint that its input is, and its first nodes, where they were known.
    pub(super) begun: (Checkpoint, Option<Next>),
    /// What it did is undone: tried again, it begins anew.
    pub(super) is_undone: bool,
    /// How often its limits began anew, and what was taken within them until then.
    pub(super) renewed: Renewed,
}

impl Facts {
    /// The items that are worked at now.
    pub(super) fn at_work(&self) -> Vec<ItemId> {
        let items = self.visits.iter().flat_map(|(node, visit)| {
            visit.workable().map(|(index, item)| ItemId {
                step: self.step,
                node: node.clone(),
                index,
                attempt: item.attempt,
            })
        });
        items.take(self.concurrency).collect()
    }

    /// The questions that are open.
    pub(super) fn interrupts(&self) -> impl Iterator<Item = &Interrupt> {
        let items = self.visits.values().flat_map(Visit::waiting);
        let asked = items.filter_map(|(_, item)| match &item.phase {
            ItemPhase::Asked(interrupt) => Some(interrupt),
            _ => None,
        });
        asked.chain(self.ledger.questions())
    }

    /// Whether all nodes of the step have finished.
    pub(super) fn is_step_over(&self) -> bool {
        self.failure.is_none() && self.visits.values().all(Visit::is_over)
    }

    pub(super) fn item(&self, id: &ItemId) -> Result<&ItemPhase, Refusal> {
        let visit = self.visits.get(&id.node).filter(|_| id.step == self.step);
        let item = visit.and_then(|visit| visit.open.get(&id.index));
        let item = item.filter(|item| item.attempt == id.attempt);
        item.map(|item| &item.phase).ok_or_else(|| Refusal::NotOpen(id.key("node").0))
    }

    /// What has to be known of the workflow to work at one of its items.
    pub(super) fn root_id(&self) -> &WorkflowId {
        self.order.parent.as_ref().map_or(&self.workflow_id, |parent| &parent.root_id)
    }
}

impl Workflow {
    /// Where it stands.
    pub fn phase(&self) -> &Phase {
        &self.phase
    }

    /// How many runs wait for the end of the one that is under way.
    pub fn queued(&self) -> u32 {
        self.facts.as_ref().map_or(0, Facts::waiting_runs)
    }

    /// The questions that are open.
    pub fn interrupts(&self) -> impl Iterator<Item = &Interrupt> {
        self.facts.iter().flat_map(Facts::interrupts)
    }

    /// What its current run, or the last one, was given.
    pub fn input(&self) -> Option<&Payload> {
        self.facts.as_ref().map(|facts| &facts.run.input)
    }

    /// How it came into being.
    pub fn order(&self) -> Option<&Order> {
        self.facts.as_ref().map(|facts| &facts.order)
    }

    /// What its current run, or the last one, has taken.
    pub fn spent(&self) -> Metrics {
        self.facts.as_ref().map(|facts| facts.run.spent).unwrap_or_default()
    }

    /// What it has taken since it last began after an end.
    pub(super) fn unheard(&self) -> Metrics {
        self.facts.as_ref().map(|facts| facts.unheard).unwrap_or_default()
    }

    /// Its newest checkpoint.
    pub fn checkpoint(&self) -> Option<&Checkpoint> {
        self.facts.as_ref().map(|facts| &facts.checkpoint)
    }

    /// The nodes of the step that is under way, and where each of them stands.
    pub fn frontier(&self) -> Vec<(&str, &'static str)> {
        let visits = self.facts.iter().flat_map(|facts| &facts.visits);
        visits.map(|(node, visit)| (node.as_str(), visit.status())).collect()
    }

    /// Its state, in a word.
    pub fn status(&self) -> &'static str {
        match &self.phase {
            Phase::New => "new",
            Phase::Running if self.is_waiting_for_a_person() => "interrupted",
            Phase::Running if self.is_undoing() => "undoing",
            Phase::Running => "running",
            Phase::Paused { .. } => "paused",
            Phase::Stopping { .. } => "cancelling",
            Phase::Completed => "completed",
            Phase::Failed => "failed",
            Phase::Cancelled => "cancelled",
        }
    }

    fn is_undoing(&self) -> bool {
        self.facts.as_ref().is_some_and(|facts| facts.undoing.is_some())
    }

    /// Nothing goes on before somebody answers.
    fn is_waiting_for_a_person(&self) -> bool {
        let Some(facts) = &self.facts else { return false };
        let waits = |visit: &Visit| {
            visit.waiting().any(|(_, item)| matches!(item.phase, ItemPhase::Waiting { .. }))
        };
        facts.interrupts().next().is_some()
            && (facts.at_work().is_empty() || facts.waits_for_grants())
            && !facts.visits.values().any(waits)
    }

    pub(super) fn not(&self, hint: &str) -> Refusal {
        Refusal::Not { status: self.status().into(), hint: hint.into() }
    }
}

impl Machine for Workflow {
    const KIND: &'static str = "workflow";
    type Command = Command;
    type Event = Event;
    type Effect = Effect;
    type Refusal = Refusal;

    fn decide(&self, command: &Command, context: &Context<'_>) -> Result<Vec<Event>, Refusal> {
        if let Command::StartWorkflow(order) = command {
            return self.start(order, context);
        }
        let facts = self.facts.as_ref().ok_or(Refusal::Unknown)?;
        let at = context.now;
        match command {
            Command::StartWorkflow(_) => Err(Refusal::Exists),
            Command::StartRun { run, on_running } => self.start_run(facts, run, *on_running, at),
            Command::ReportItem { item, outcome, plan } => {
                self.report_item(facts, item, outcome, plan.as_ref(), at)
            }
            Command::BeginCall { item, tool } => self.begin_call(facts, item, tool, at),
            Command::CommitStep { step, plan } => self.commit_step(facts, *step, plan, at),
            Command::RefuseStep { step, failure } => self.refuse_step(facts, *step, failure, at),
            Command::ReportStopped { item, spent } => self.report_stopped(facts, item, *spent, at),
            Command::EndRun { run, failure } => self.end_run(facts, *run, failure, at),
            Command::Reserve(reservation) => self.reserve(facts, reservation, at),
            Command::Settle { key, bill } => Self::settle(facts, key, bill, at),
            Command::Bind { bounds } => Ok(Self::bind(facts, bounds, at)),
            Command::AskForTime { run } => self.ask_for_time(facts, *run, at),
            Command::Answer { interrupt_id, answer, by } => {
                self.answer(facts, interrupt_id, answer, by, at)
            }
            Command::Pause { by } => self.pause(facts, by, at),
            Command::Resume { by } => self.resume(facts, by, at),
            Command::Retry { by } => self.retry(facts, by, at),
            Command::Cancel { by } => self.cancel(facts, by, at),
            Command::CancelAndUndo { by } => self.cancel_and_undo(facts, by, at),
            Command::Undo { by, error } => self.undo_all(facts, by, error, at),
            Command::BeginUndo { step, deed, next } => {
                self.begin_deed(facts, *step, deed, next, at)
            }
            Command::Rewind(rewind) => self.rewind(facts, rewind, at),
            Command::Hold => Ok(self.hold(facts, at)),
            Command::Release => Ok(self.release(facts, at)),
            Command::ReportSteered { item, pause } => facts.report_steered(item, *pause),
        }
    }

    fn apply(&mut self, event: &Event) {
        self.take_in(event);
    }

    fn wants(&self) -> BTreeMap<EffectKey, Want<Effect>> {
        self.facts.as_ref().map(|facts| self.open_work(facts)).unwrap_or_default()
    }

    fn is_over(&self) -> bool {
        self.phase.is_over()
    }

    fn topic(event: &Event) -> Topic {
        event.topic()
    }

    fn row(&self) -> Option<Row> {
        self.as_row()
    }

    fn held(event: &Event) -> Vec<Held> {
        let kept = match event {
            Event::Created { order, .. } => order.kept(),
            Event::RunStarted { input, checkpoint, .. } => {
                vec![input.file().cloned(), checkpoint.writes.file().cloned()]
            }
            Event::RunQueued { input, .. } => {
                vec![input.input.file().cloned(), input.writes.file().cloned()]
            }
            Event::Adopted { settled: Settled::Output(output), .. }
            | Event::NodeDone { output, .. }
            | Event::Completed { output, .. } => {
                vec![output.file().cloned()]
            }
            Event::StepCommitted { checkpoint, .. } => vec![checkpoint.writes.file().cloned()],
            Event::Checkpointed { whole, .. } => vec![whole.state.file().cloned()],
            _ => Vec::new(),
        };
        kept.into_iter().flatten().map(Held::Keep).collect()
    }

    /// What an item or a step came to stands in the events of its end, and is as long as what was written.
    fn is_said_by(command: &Command, events: &[Event]) -> bool {
        let is_outcome = matches!(command, Command::ReportItem { .. } | Command::CommitStep { .. });
        is_outcome && !events.is_empty()
    }

    fn row_when_failed(why: &str, now: Timestamp) -> Option<Row> {
        Some(Self::failed_row(why, now))
    }
}
