//! [`Performer`]: brings what a workflow wants to its outcome.

use super::carry::give_up_at;
use super::command::{Command, Outcome};
use super::effect::Effect;
use super::forks::Records;
use super::item::{Failure, ItemId, Waiting};
use super::memory::Memory;
use super::state::Workflow;
use crate::entity::Directory;
use crate::journal::{Files, Journal};
use crate::machine::{Outbox, Perform};
use crate::nodes::{Metrics, Node, Pause};
use crate::processes::Process;
use crate::sessions::Session;
use crate::tools::Toolset;
use crate::vocabulary::{Durable, EffectKey, Payload, Reference};
use std::io;
use std::rc::Rc;

/// Performs what workflows want: by nodes, by other workflows, and by computing.
pub struct Performer {
    tools: Rc<Tools>,
}

pub(super) struct Tools {
    pub(super) journal: Journal,
    pub(super) workflows: Directory<Workflow>,
    pub(super) nodes: Directory<Node>,
    pub(super) processes: Directory<Process>,
    pub(super) sessions: Directory<Session>,
    pub(super) memory: Memory,
    pub(super) records: Records,
    pub(super) toolset: Toolset,
}

impl Performer {
    /// A performer whose agents' nodes, their processes and conversations, and whose subgraphs are these entities, and
    /// whose nodes may call what is in `toolset`.
    pub fn new(
        workflows: Directory<Workflow>,
        nodes: Directory<Node>,
        processes: Directory<Process>,
        sessions: Directory<Session>,
        toolset: Toolset,
    ) -> Self {
        let journal = workflows.journal().clone();
        let (memory, records) = (Memory::new(journal.clone()), Records::default());
        let tools =
            Tools { journal, workflows, nodes, processes, sessions, memory, records, toolset };
        Self { tools: Rc::new(tools) }
    }
}

impl Perform<Workflow> for Performer {
    fn perform(
        &self,
        _key: EffectKey,
        effect: Effect,
        outbox: Outbox<Workflow>,
    ) -> impl Future<Output = Command> + 'static {
        let tools = Rc::clone(&self.tools);
        async move { tools.perform(effect, &outbox).await }
    }
}

impl Tools {
    async fn perform(&self, effect: Effect, outbox: &Outbox<Workflow>) -> Command {
        match effect {
            Effect::Carry(carry) => self.carry(carry, outbox).await,
            Effect::Wait { until: Waiting::Moment(_), item, .. } => report(item, nothing()),
            Effect::Wait {
                until: Waiting::Message { topic, when, after },
                place,
                item,
                deadline,
            } => {
                let heard = self.hear(&place, &item, &topic, when.as_deref(), after);
                let clock = self.journal.clock();
                report(item.clone(), give_up_at(clock, deadline, heard).await)
            }
            Effect::Expire(item) => {
                let failure = Failure::new("timed_out", "nobody answered in time");
                report(item, Outcome::Failed { failure, spent: Metrics::default() })
            }
            Effect::Stop { by, workflow_id, item, child, spec } => {
                let spent = self.stop(&by, &workflow_id, &item, &child, spec.kind).await;
                Command::ReportStopped { item, spent }
            }
            Effect::PrepareUndo { place, undo } => self.prepare_undo(&place, &undo).await,
            Effect::Steer(steer) => self.steer(steer).await,
            Effect::FinishStep { place, settled } => {
                let step = place.step;
                match self.plan(&place, &settled).await {
                    Ok(plan) => Command::CommitStep { step, plan },
                    Err(failure) => Command::RefuseStep { step, failure },
                }
            }
            Effect::EndRun { run, asks: true, .. } => Command::AskForTime { run },
            Effect::EndRun { run, asks: false, reached } => {
                Command::EndRun { run, failure: Failure::new("limit", reached) }
            }
        }
    }

    /// Stores content, however long the disk takes.
    pub(super) async fn until_stored(
        &self,
        store: impl Fn(&Files) -> io::Result<Durable<Reference>> + Clone + Send + 'static,
    ) -> Durable<Reference> {
        let mut pause = Pause::new();
        loop {
            match self.journal.files().run(store.clone()).await {
                Ok(stored) => return stored,
                Err(error) => tracing::warn!(%error, "failed to store a state: trying again"),
            }
            pause.rest().await;
        }
    }
}

pub(super) fn report(item: ItemId, outcome: Outcome) -> Command {
    Command::ReportItem { item, outcome, plan: None }
}

fn nothing() -> Outcome {
    Outcome::Done { output: Payload::default(), spent: Metrics::default() }
}
