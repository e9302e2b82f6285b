//! Pausing a lineage: who pauses a workflow pauses the subgraphs at work for it, and who has it go on has those go on
//! that were paused with it, to any depth. Each of them is told once, and tells its own.

use super::NodeKind;
use super::command::{Command, Refusal};
use super::effect::Effect;
use super::event::Event;
use super::item::{ItemId, ItemPhase};
use super::perform::Tools;
use super::state::{Facts, Phase, Workflow};
use crate::entity::TellError;
use crate::machine::Want;
use crate::nodes::Pause;
use crate::vocabulary::{EffectKey, MessageId, Timestamp, WorkflowId};

/// Who pauses a subgraph with its workflow.
const PARENT: &str = "its parent";

/// The subgraph of an item is to be paused, or to go on.
#[derive(Debug, Clone, PartialEq)]
pub struct Steer {
    /// Which workflow it is.
    pub(super) child: WorkflowId,
    pub(super) item: ItemId,
    /// Which of its parent's pauses it is about.
    pub(super) pause: u32,
    /// It is to go on.
    pub(super) goes_on: bool,
}

impl Workflow {
    /// Whether it is paused because its parent is.
    pub fn is_held(&self) -> bool {
        matches!(self.phase, Phase::Paused { .. }) && self.facts.as_ref().is_some_and(|f| f.is_held)
    }

    /// Its parent is paused.
    pub(super) fn hold(&self, facts: &Facts, at: Timestamp) -> Vec<Event> {
        let (workflow_id, by) = (facts.workflow_id.clone(), PARENT.to_owned());
        let paused = Event::Paused { workflow_id, by, is_held: true, at };
        if self.phase == Phase::Running { vec![paused] } else { Vec::new() }
    }

    /// Its parent goes on. What somebody else has paused stays so.
    pub(super) fn release(&self, facts: &Facts, at: Timestamp) -> Vec<Event> {
        let (workflow_id, by) = (facts.workflow_id.clone(), PARENT.to_owned());
        let resumed = Event::Resumed { workflow_id, by, at };
        if self.is_held() { vec![resumed] } else { Vec::new() }
    }
}

impl Facts {
    /// A subgraph was told.
    pub(super) fn report_steered(&self, item: &ItemId, pause: u32) -> Result<Vec<Event>, Refusal> {
        if pause != self.pauses || !self.below.contains(item) {
            return Err(Refusal::NotOpen(format!("pause/{pause}")));
        }
        let (workflow_id, item) = (self.workflow_id.clone(), item.clone());
        Ok(vec![Event::NodeSteered { workflow_id, item, pause }])
    }

    /// The subgraphs that are at work.
    fn subgraphs(&self) -> impl Iterator<Item = ItemId> {
        self.at_work().into_iter().filter(|item| {
            self.visits[&item.node].spec.kind == NodeKind::Subgraph
                && matches!(self.item(item), Ok(ItemPhase::Ready))
        })
    }

    /// It was paused, or goes on: each subgraph that is at work has to be told, also one that was told otherwise a
    /// moment ago.
    pub(super) fn steer(&mut self) {
        self.below = self.subgraphs().collect();
        self.pauses += 1;
    }

    /// The subgraphs that have not been told yet.
    pub(super) fn to_steer(
        &self,
        goes_on: bool,
    ) -> impl Iterator<Item = (EffectKey, Want<Effect>)> {
        let pause = self.pauses;
        let open = self.below.iter().filter(|item| matches!(self.item(item), Ok(ItemPhase::Ready)));
        open.map(move |item| {
            let key = EffectKey(format!("{}/{pause}", item.key("pause").0));
            let (child, item) = (self.child_of(item), item.clone());
            (key, Want::now(Effect::Steer(Steer { child, item, pause, goes_on })))
        })
    }
}

impl Tools {
    /// Tells a subgraph that its parent is paused, or goes on. One that is about to begin is waited for.
    pub(super) async fn steer(&self, steer: Steer) -> Command {
        let Steer { child, item, pause, goes_on } = steer;
        let command = || if goes_on { Command::Release } else { Command::Hold };
        let (what, number) = (if goes_on { "release" } else { "hold" }, pause.to_string());
        let id = MessageId::derived(&["workflow", child.0.as_str(), what, &number]);
        let mut rest = Pause::new();
        loop {
            match self.workflows.tell(&child.0, id, command()).await {
                Err(TellError::Refused(Refusal::Unknown)) => {}
                Err(error) if error.is_passing() => {
                    tracing::warn!(workflow = %child, %error, "failed to tell a workflow: trying again");
                }
                _ => break,
            }
            rest.rest().await;
        }
        Command::ReportSteered { item, pause }
    }
}
