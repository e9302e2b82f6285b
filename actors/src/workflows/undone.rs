//! What those see and do who undo: what the undone execution gave, and for which element, is read from the past.

use super::carry::{done, failed};
use super::checkpoint::{Next, NodeKind, Plan, Spec, Then};
use super::command::{Command, Outcome};
use super::effect::{Carry, NodeEnd, Place, PlaceUndo};
use super::event::Event;
use super::item::{Failure, ItemId};
use super::memory::View;
use super::past::{Past, PastError, events};
use super::perform::Tools;
use super::planning::next;
use super::state::{Facts, Workflow};
use super::subgraph::tell;
use super::undo::{Deed, UNDO_FAILED};
use crate::entity::TellError;
use crate::graph::{self, Entry, Frontier, Scope};
use crate::journal::Journal;
use crate::machine::Machine as _;
use crate::nodes::Metrics;
use crate::vocabulary::{MessageId, Payload, WorkflowId};
use serde_json::Value;
use std::collections::BTreeMap;

/// What is undone, as expressions and templates see it.
pub(super) struct Undone {
    /// The element that it was about, and its place.
    pub(super) item: Option<(usize, Value)>,
    /// What it gave.
    pub(super) output: Value,
    /// Why it is undone.
    pub(super) error: Value,
}

impl Undone {
    /// From the past: in which run it was, what that was given, and what it came to.
    pub(super) async fn read(
        journal: &Journal,
        workflow: &WorkflowId,
        undo: &PlaceUndo,
    ) -> Result<(u32, Value, Self), PastError> {
        let (item, events) = (&undo.deed.item, events(journal, workflow).await?);
        let gone = PastError::Senseless(format!("its past has no end of {}", undo.deed));
        let (then, output) = execution(&events, item).ok_or(gone)?;
        let (run, input) = (then.run.number, journal.value(&then.run.input).await?);
        let output = journal.value(&output).await?;
        let element = match item.index {
            None => None,
            Some(index) => Some((
                index as usize,
                element(journal, workflow, events, &then, item, &input).await?,
            )),
        };
        Ok((run, input, Self { item: element, output, error: undo.error.clone() }))
    }
}

/// Where the workflow stood when an item was done, and what it gave.
fn execution(events: &[Event], wanted: &ItemId) -> Option<(Facts, Payload)> {
    let mut now = Workflow::default();
    for event in events {
        let output = match event {
            Event::NodeDone { item, output, .. } if item == wanted => Some(output.clone()),
            Event::Answered { item, answer, .. } if item == wanted => {
                Some(Payload::Inline(answer.clone()))
            }
            _ => None,
        };
        if let Some(output) = output {
            return now.facts.map(|facts| (facts, output));
        }
        now.apply(event);
    }
    None
}

/// The element of its list that an item was about.
async fn element(
    journal: &Journal,
    workflow: &WorkflowId,
    events: Vec<Event>,
    then: &Facts,
    item: &ItemId,
    input: &Value,
) -> Result<Value, PastError> {
    let past = Past::of(workflow, events)?;
    let (state, bundle) =
        (past.state_at(journal, then.checkpoint.number).await?, past.bundle(journal).await?);
    let definition = super::past::definition(&bundle, &past.order.definition)?;
    let (run, step, workflow) = (then.run.number, then.step, workflow.0.as_str());
    let error = then.visits.get(&item.node).and_then(|visit| visit.spec.error.as_ref());
    let scope =
        Scope { input, state: &state, workflow, run, step, item: None, error, output: None };
    let items = graph::items(&item.node, definition, &scope);
    let items = items.map_err(|trouble| PastError::Senseless(trouble.to_string()))?;
    let index = item.index.unwrap_or_default() as usize;
    let none = || PastError::Senseless(format!("its list has no element {index}"));
    items.unwrap_or_default().get(index).cloned().ok_or_else(none)
}

impl Outcome {
    fn that_took(self, spent: Metrics) -> Self {
        match self {
            Self::Done { output, .. } => Self::Done { output, spent },
            Self::Failed { failure, .. } => Self::Failed { failure, spent },
            other => other,
        }
    }
}

impl Tools {
    /// Works out how something is undone.
    pub(super) async fn prepare_undo(&self, place: &Place, undo: &PlaceUndo) -> Command {
        let (step, deed) = (place.step, undo.deed.clone());
        match self.compensation(place, &deed).await {
            Ok(next) => Command::BeginUndo { step, deed, next },
            Err(failure) => Command::RefuseStep { step, failure },
        }
    }

    async fn compensation(&self, place: &Place, deed: &Deed) -> Result<Next, Failure> {
        let view = self.memory.view(place).await?;
        if deed.is_inside {
            let nodes = [(deed.item.node.clone(), inside())].into();
            return Ok(Next { nodes, joins: Vec::new(), concurrency: 1 });
        }
        let definition = view.definition()?;
        let node = definition.nodes.get(&deed.item.node).and_then(|node| node.undo.clone());
        let nobody = || Failure::new("definition", format!("nothing undoes {}", deed.item.node));
        let entries = [(node.ok_or_else(nobody)?, Entry::default())].into();
        let frontier = Frontier { entries, ..Frontier::default() };
        let scope = Scope { step: place.step + 1, ..view.scope() };
        Ok(next(&view.bundle, definition, &frontier, &scope)?)
    }

    /// What a step comes to in which something was undone.
    pub(super) async fn plan_undo(
        &self,
        place: &Place,
        view: &View,
        settled: &BTreeMap<String, NodeEnd>,
    ) -> Result<Plan, Failure> {
        let is_inside = place.undo.as_ref().is_some_and(|undo| undo.deed.is_inside);
        let Some((name, end)) = settled.iter().next().filter(|_| !is_inside) else {
            let writes = Payload::Inline(Value::Array(Vec::new()));
            return Ok(Plan { writes, bytes: 2, whole: None, then: Then::End(Payload::default()) });
        };
        let definition = view.definition()?;
        let finished = self.finished(place, view, name, end).await?;
        let step = graph::undo(definition, &view.scope_of(place, name), name, &finished)?;
        let scope = Scope { state: &step.state, step: place.step + 1, ..view.scope() };
        let then = if step.next.entries.is_empty() {
            Then::End(Payload::default())
        } else {
            Then::Next(next(&view.bundle, definition, &step.next, &scope)?)
        };
        let plan = self.planned(place, step.writes, &step.state, then).await;
        self.memory.remember(place, step.state);
        Ok(plan)
    }

    /// Has a subgraph undo what it did, and waits for that.
    pub(super) async fn undo_inside(
        &self,
        carry: &Carry,
        undo: &PlaceUndo,
    ) -> Result<Outcome, Failure> {
        let child = undo.deed.item.child(&carry.place.workflow_id);
        let attempt = format!("undo {} {}", carry.item.step, carry.item.attempt);
        let id = MessageId::derived(&["workflow", child.0.as_str(), &attempt]);
        let command = Command::Undo { by: "its parent".into(), error: undo.error.clone() };
        match tell(&self.workflows, &child, id, command).await {
            Ok(receipt) => {
                let outcome = self.end_of(&child, receipt.position, is_undone).await;
                let took = self.now(&child).await.map(|child| child.unheard());
                Ok(outcome.that_took(took.unwrap_or_default()))
            }
            Err(TellError::Refused(super::Refusal::Unknown)) => {
                Ok(done(Payload::default(), Metrics::default()))
            }
            Err(error) => Err(Failure::new(UNDO_FAILED, format!("workflow {child}: {error}"))),
        }
    }
}

/// What it took is read from how it stands then.
fn is_undone(event: &Event) -> Option<Outcome> {
    match event {
        Event::Undone { .. } | Event::Cancelled { .. } => {
            Some(done(Payload::default(), Metrics::default()))
        }
        Event::Failed { failure, .. } => {
            Some(failed(Failure::new(UNDO_FAILED, failure.error.clone())))
        }
        _ => None,
    }
}

/// What has to be known to have a subgraph undo what it did.
fn inside() -> Spec {
    Spec {
        kind: NodeKind::Subgraph,
        items: None,
        concurrency: None,
        retry: None,
        timeout_ms: None,
        limits: None,
        is_caught: false,
        is_undoable: false,
        undoes_inside: false,
        error: None,
    }
}
