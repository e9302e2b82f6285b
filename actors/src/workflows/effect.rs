//! What a workflow wants of the world.

use super::checkpoint::{Checkpoint, Join, Spec};
use super::forks::{Child, Manner, Source};
use super::item::{ItemId, ItemPhase, Settled, Waiting};
use super::lineage::Steer;
use super::state::{Facts, Phase, Workflow};
use super::undo::Deed;
use super::visit::Visit;
use crate::machine::Want;
use crate::nodes::{Bound, BoundId};
use crate::vocabulary::{Durable, EffectKey, Payload, Reference, Timestamp, WorkflowId, Workplace};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a workflow wants.
#[derive(Debug, PartialEq)]
pub enum Effect {
    /// Have an item worked at.
    Carry(Carry),
    /// Hear when what it waits for has come.
    Wait {
        /// The workflow.
        place: Arc<Place>,
        /// Which item.
        item: ItemId,
        /// For what.
        until: Waiting,
        /// Until when it may.
        deadline: Option<Timestamp>,
    },
    /// Hear when a question was open for as long as it may be.
    Expire(ItemId),
    /// See that nobody works at an item any more.
    Stop {
        /// Who wants it.
        by: String,
        /// The workflow.
        workflow_id: WorkflowId,
        /// Which item.
        item: ItemId,
        /// The workflow that works at it, where one does.
        child: WorkflowId,
        /// What kind of work.
        spec: Spec,
    },
    /// Have worked out how something is undone.
    PrepareUndo {
        /// The workflow.
        place: Arc<Place>,
        /// What.
        undo: PlaceUndo,
    },
    /// Have a subgraph paused, or go on.
    Steer(Steer),
    /// Have worked out what a step comes to.
    FinishStep {
        /// The workflow.
        place: Arc<Place>,
        /// How its nodes finished.
        settled: BTreeMap<String, NodeEnd>,
    },
    /// Hear when the run has taken as long as it may.
    EndRun {
        /// Which.
        run: u32,
        /// Whether a person is asked for more.
        asks: bool,
        /// What is reached, in words.
        reached: String,
    },
}

/// An item to be worked at.
#[derive(Debug, PartialEq)]
pub struct Carry {
    /// The workflow.
    pub(super) place: Arc<Place>,
    /// Which item.
    pub(super) item: ItemId,
    /// What its definition says.
    pub(super) spec: Spec,
    /// When its node began.
    pub(super) started_at: Timestamp,
    /// Whether its end is the step's.
    pub(super) is_sole: bool,
    /// The half-done subgraph of another workflow that it goes on with.
    pub(super) from: Option<Child>,
    /// Whether a call that is not to be made again may have been made.
    pub(super) is_begun: bool,
}

/// Where work is done.
#[derive(Debug, PartialEq)]
pub struct Place {
    pub(super) workflow_id: WorkflowId,
    pub(super) root_id: WorkflowId,
    /// Which definition of the bundle.
    pub(super) definition: String,
    pub(super) bundle: Durable<Reference>,
    pub(super) runtime: Option<String>,
    pub(super) manner: Manner,
    /// In which folder its agents work.
    pub(super) workplace: Option<Workplace>,
    /// What it was forked from.
    pub(super) source: Option<Source>,
    pub(super) priority: i32,
    pub(super) run: u32,
    pub(super) input: Payload,
    /// The state that work sees.
    pub(super) checkpoint: Checkpoint,
    pub(super) step: u32,
    /// The nodes of the step, with what failed before them, and the joins that wait.
    pub(super) nodes: BTreeMap<String, Option<serde_json::Value>>,
    pub(super) joins: Vec<Join>,
    /// The limits under which its nodes stand, the innermost first.
    pub(super) bounds: Vec<Bound>,
    /// How often its limits began anew.
    pub(super) grants: u32,
    /// How many bytes were written since the whole state was, and how many that had.
    pub(super) since_whole: u64,
    pub(super) whole: u64,
    /// What is being undone.
    pub(super) undo: Option<PlaceUndo>,
}

/// What is being undone.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaceUndo {
    pub(super) deed: Deed,
    /// Why, as expressions read it.
    pub(super) error: serde_json::Value,
}

/// How a node of a step finished.
#[derive(Debug, PartialEq)]
pub struct NodeEnd {
    pub(super) is_list: bool,
    pub(super) items: BTreeMap<Option<u32>, Settled>,
}

impl Workflow {
    /// The work that is open outside.
    pub(super) fn open_work(&self, facts: &Facts) -> BTreeMap<EffectKey, Want<Effect>> {
        match &self.phase {
            Phase::Running if facts.hold().is_none() => running(facts),
            Phase::Running | Phase::Paused { .. } => paused(facts),
            Phase::Stopping { by, .. } => stopping(facts, by).collect(),
            Phase::New | Phase::Completed | Phase::Failed | Phase::Cancelled => BTreeMap::new(),
        }
    }
}

fn running(facts: &Facts) -> BTreeMap<EffectKey, Want<Effect>> {
    let place = Arc::new(facts.place());
    if let Some(undo) = place.undo.clone().filter(|_| facts.to_prepare().is_some()) {
        let key = EffectKey(format!("undo/{}/{}", facts.step, facts.run.tries));
        return [(key, Want::now(Effect::PrepareUndo { place, undo }))].into();
    }
    if facts.is_step_over() {
        let settled = facts.visits.iter().map(|(node, visit)| (node.clone(), visit.end()));
        let effect = Effect::FinishStep { place, settled: settled.collect() };
        let key = EffectKey(format!("step/{}/{}", facts.step, facts.tries()));
        return [(key, Want::now(effect))].into();
    }
    let mut wants: BTreeMap<_, _> =
        facts.at_work().into_iter().map(|item| facts.carry(&place, item)).collect();
    wants.extend(facts.waits(&place));
    wants.extend(facts.to_steer(true));
    if let Some(due) = facts.time_is_up() {
        let (run, asks) = (facts.run.number, facts.order.limits.asks());
        let effect = Effect::EndRun { run, asks, reached: facts.pace_reached("seconds") };
        let key = EffectKey(format!("limit/{run}/{}", facts.tries()));
        wants.insert(key, Want::at(due, effect));
    }
    wants
}

/// What was at work goes on to its end, and is heard: news that nobody wants would be lost for good.
fn paused(facts: &Facts) -> BTreeMap<EffectKey, Want<Effect>> {
    let place = Arc::new(facts.place());
    let is_ready = |item: &ItemId| matches!(facts.item(item), Ok(ItemPhase::Ready));
    let at_work = facts.at_work().into_iter().filter(is_ready);
    let at_work = at_work.map(|item| facts.carry(&place, item));
    at_work.chain(facts.waits(&place)).chain(facts.to_steer(false)).collect()
}

fn stopping(facts: &Facts, by: &str) -> impl Iterator<Item = (EffectKey, Want<Effect>)> {
    facts.to_stop().into_iter().map(move |(item, spec)| {
        let by = by.to_owned();
        let (workflow_id, child) = (facts.workflow_id.clone(), facts.child_of(&item));
        (item.key("stop"), Want::now(Effect::Stop { by, workflow_id, item, child, spec }))
    })
}

impl Facts {
    /// Those of its items at which somebody else works.
    pub(super) fn to_stop(&self) -> Vec<(ItemId, Spec)> {
        let is_ready = |item: &ItemId| matches!(self.item(item), Ok(ItemPhase::Ready));
        let items = self.at_work().into_iter().filter(is_ready);
        let items = items.map(|item| (self.visits[&item.node].spec.clone(), item));
        items.filter(|(spec, _)| spec.kind.has_worker()).map(|(spec, item)| (item, spec)).collect()
    }

    fn place(&self) -> Place {
        let errors =
            self.visits.iter().map(|(node, visit)| (node.clone(), visit.spec.error.clone()));
        Place {
            workflow_id: self.workflow_id.clone(),
            root_id: self.root_id().clone(),
            definition: self.order.definition.clone(),
            bundle: self.order.bundle.clone(),
            runtime: self.order.runtime.clone(),
            manner: self.order.manner.clone(),
            workplace: self.order.workplace.as_deref().cloned(),
            source: self.order.origin.as_ref().map(|origin| origin.source.clone()),
            priority: self.order.priority,
            run: self.run.number,
            input: self.run.input.clone(),
            checkpoint: self.checkpoint.clone(),
            step: self.step,
            nodes: errors.collect(),
            joins: self.joins.clone(),
            bounds: self.bounds(),
            grants: self.grants,
            since_whole: self.since_whole,
            whole: self.whole,
            undo: self.place_undo(),
        }
    }

    /// What is being undone, or is next.
    fn place_undo(&self) -> Option<PlaceUndo> {
        let undoing = self.undoing.as_ref()?;
        let deed = undoing.current.clone().or_else(|| self.to_prepare())?;
        Some(PlaceUndo { deed, error: undoing.undo.error.clone() })
    }

    fn carry(&self, place: &Arc<Place>, item: ItemId) -> (EffectKey, Want<Effect>) {
        let visit = &self.visits[&item.node];
        let due = match visit.open[&item.index].phase {
            ItemPhase::Backoff(due) => Some(due),
            _ => None,
        };
        let key = item.key("node");
        let is_sole = self.failure.is_none() && self.visits.len() == 1 && visit.is_only(item.index);
        let (spec, started_at) = (visit.spec.clone(), visit.started_at);
        let from = self.order.origin.as_ref().and_then(|origin| origin.child_of(&item)).cloned();
        let (is_begun, place) = (visit.begun.contains(&item), Arc::clone(place));
        let carry = Carry { place, item, spec, started_at, is_sole, from, is_begun };
        (key, Want { effect: Effect::Carry(carry), due })
    }

    fn waits(&self, place: &Arc<Place>) -> impl Iterator<Item = (EffectKey, Want<Effect>)> {
        let items = self.visits.iter().flat_map(|(node, visit)| {
            visit.waiting().map(move |(index, item)| (node, index, item))
        });
        items.filter_map(|(node, index, item)| {
            let (step, attempt) = (self.step, item.attempt);
            let id = ItemId { step, node: node.clone(), index, attempt };
            wait(place, id, &item.phase)
        })
    }
}

fn wait(place: &Arc<Place>, item: ItemId, phase: &ItemPhase) -> Option<(EffectKey, Want<Effect>)> {
    match phase {
        ItemPhase::Waiting { until, deadline } => {
            let due = if let Waiting::Moment(moment) = until { Some(*moment) } else { None };
            let (key, place, until) = (item.key("wait"), Arc::clone(place), until.clone());
            let effect = Effect::Wait { place, item, until, deadline: *deadline };
            Some((key, Want { effect, due }))
        }
        ItemPhase::Asked(interrupt) => {
            let due = interrupt.deadline?;
            Some((item.key("expire"), Want::at(due, Effect::Expire(item))))
        }
        _ => None,
    }
}

impl Carry {
    /// The limits of its node, with what they hold for.
    pub(super) fn bound(&self) -> Option<Bound> {
        let Place { workflow_id, definition, grants, .. } = &*self.place;
        let ItemId { step, node, .. } = &self.item;
        Some(Bound {
            id: BoundId(format!("{workflow_id}/node/{step}/{node}/{grants}")),
            of: format!("node {node} of {definition}, step {step}"),
            limits: self.spec.limits.clone()?,
        })
    }

    /// The limits under which it stands, the innermost first.
    pub(super) fn bounds(&self) -> Vec<Bound> {
        let own = self.bound().filter(|bound| bound.limits.bounds_spending());
        own.into_iter().chain(self.place.bounds.iter().cloned()).collect()
    }
}

impl Visit {
    fn end(&self) -> NodeEnd {
        NodeEnd { is_list: self.spec.items.is_some(), items: self.settled.clone() }
    }

    /// Where it stands, in a word.
    pub(super) fn status(&self) -> &'static str {
        if self.is_over() {
            return "finished";
        }
        let has = |which: fn(&ItemPhase) -> bool| self.open.values().any(|item| which(&item.phase));
        if has(|phase| matches!(phase, ItemPhase::Failed { .. })) {
            "failed"
        } else if has(|phase| matches!(phase, ItemPhase::Ready)) {
            "running"
        } else if has(|phase| matches!(phase, ItemPhase::Backoff(_))) {
            "retrying"
        } else if has(|phase| matches!(phase, ItemPhase::Asked(_))) {
            "interrupted"
        } else {
            "waiting"
        }
    }
}
