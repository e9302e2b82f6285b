//! What the channels held at a checkpoint: folded from what was written since the whole state was last written down.

use super::checkpoint::{Checkpoint, Whole};
use super::command::Order;
use super::event::Event;
use super::history::History;
use super::state::Workflow;
use crate::entity::Directory;
use crate::graph::{self, Bundle, Definition, Write};
use crate::journal::{Fault, Journal, MessageKind, ReadError};
use crate::machine::{Machine as _, tagged};
use crate::vocabulary::{Payload, Position, Version, WorkflowId};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// All checkpoints of a workflow.
#[derive(Debug)]
pub struct Past {
    /// Where it stands.
    pub workflow: Workflow,
    /// What became of it, step by step.
    pub history: History,
    /// How it came into being.
    pub order: Order,
    /// What the last run that came to its end has answered.
    pub output: Option<Payload>,
    /// By number.
    pub checkpoints: BTreeMap<u32, Checkpoint>,
    wholes: BTreeMap<u32, Whole>,
}

/// Why the past could not be read.
#[derive(Debug, thiserror::Error)]
pub enum PastError {
    /// There is no such workflow.
    #[error("there is no workflow {0}")]
    NoWorkflow(WorkflowId),
    /// There is no such checkpoint.
    #[error("the workflow has no checkpoint {0}")]
    NoCheckpoint(u32),
    /// Content could not be read.
    #[error(transparent)]
    Content(#[from] ReadError),
    /// The journal could not be read.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// What was read makes no sense.
    #[error("{0}")]
    Senseless(String),
}

impl Past {
    /// Reads a workflow's checkpoints.
    pub async fn read(journal: &Journal, workflow: &WorkflowId) -> Result<Self, PastError> {
        Self::of(workflow, events(journal, workflow).await?)
    }

    pub(super) fn of(workflow: &WorkflowId, events: Vec<Event>) -> Result<Self, PastError> {
        let (mut order, mut checkpoints, mut wholes) = (None, BTreeMap::new(), BTreeMap::new());
        let (mut now, history) = (Workflow::default(), History::of(&events));
        let mut output = None;
        for event in events {
            now.apply(&event);
            match event {
                Event::Created { order: created, .. } => {
                    if let Some((checkpoint, origin)) = created.first_checkpoint() {
                        let (number, bytes) = (checkpoint.number, origin.bytes);
                        checkpoints.insert(number, checkpoint);
                        wholes.insert(number, Whole { number, state: origin.state.clone(), bytes });
                    }
                    order = Some(*created);
                }
                Event::RunStarted { checkpoint, .. } | Event::StepCommitted { checkpoint, .. } => {
                    checkpoints.insert(checkpoint.number, checkpoint);
                }
                Event::Checkpointed { whole, .. } => {
                    wholes.insert(whole.number, whole);
                }
                Event::Completed { output: answer, .. } => output = Some(answer),
                _ => {}
            }
        }
        let order = order.ok_or_else(|| PastError::NoWorkflow(workflow.clone()))?;
        Ok(Self { workflow: now, history, order, output, checkpoints, wholes })
    }

    /// What the channels held at a checkpoint.
    pub async fn state_at(
        &self,
        journal: &Journal,
        number: u32,
    ) -> Result<Map<String, Value>, PastError> {
        let bundle = self.bundle(journal).await?;
        let definition = definition(&bundle, &self.order.definition)?;
        let (base, since) = self.way_to(number)?;
        let mut state = match base {
            Some(whole) => object(journal.value(&whole.state).await?)?,
            None => graph::initial(definition),
        };
        for checkpoint in since {
            take_in(journal, definition, &mut state, &checkpoint.writes).await?;
        }
        Ok(state)
    }

    /// What the workflow is pinned to.
    pub async fn bundle(&self, journal: &Journal) -> Result<Bundle, PastError> {
        let content = journal.content((*self.order.bundle).clone()).await?;
        serde_json::from_slice(&content).map_err(|error| PastError::Senseless(error.to_string()))
    }

    /// The nearest whole state behind a checkpoint, and the checkpoints from there to it.
    fn way_to(&self, number: u32) -> Result<(Option<&Whole>, Vec<&Checkpoint>), PastError> {
        let (mut way, mut at) = (Vec::new(), Some(number));
        let mut base = None;
        while let Some(number) = at {
            base = self.wholes.get(&number);
            if base.is_some() {
                break;
            }
            let checkpoint = self.checkpoints.get(&number);
            let checkpoint = checkpoint.ok_or(PastError::NoCheckpoint(number))?;
            way.push(checkpoint);
            at = checkpoint.parent;
        }
        way.reverse();
        Ok((base, way))
    }
}

/// All that has happened to a workflow.
pub(super) async fn events(
    journal: &Journal,
    workflow: &WorkflowId,
) -> Result<Vec<Event>, PastError> {
    let events = dated(journal, workflow, Position::MAX).await?;
    Ok(events.into_iter().map(|dated| dated.event).collect())
}

/// An event, and where it stands.
pub(super) struct Dated {
    pub(super) event: Event,
    /// How many events its stream has with it.
    pub(super) version: Version,
    pub(super) position: Position,
}

/// A workflow's events up to a position; none: there is no such workflow there.
pub(super) async fn dated(
    journal: &Journal,
    workflow: &WorkflowId,
    until: Position,
) -> Result<Vec<Dated>, PastError> {
    let loaded = journal.load(Directory::<Workflow>::stream(&workflow.0), 0).await?;
    let events = loaded.messages.iter().filter(|message| message.kind == MessageKind::Event);
    let told = events.take_while(|message| message.position <= until).map(|message| {
        let event =
            tagged::join(&message.event_type, message.data.get()).map_err(Fault::reading)?;
        let version = message.version.unwrap_or_default();
        Ok(Dated { event, version, position: message.position })
    });
    told.collect()
}

pub(super) fn definition<'a>(bundle: &'a Bundle, name: &str) -> Result<&'a Definition, PastError> {
    let none = || PastError::Senseless(format!("its bundle has no definition {name:?}"));
    bundle.definition(name).ok_or_else(none)
}

/// Takes what a checkpoint wrote into a state.
pub(super) async fn take_in(
    journal: &Journal,
    definition: &Definition,
    state: &mut Map<String, Value>,
    writes: &Payload,
) -> Result<(), PastError> {
    let senseless = |error: &dyn std::fmt::Display| PastError::Senseless(error.to_string());
    let writes: Vec<Write> = match journal.value(writes).await? {
        Value::Null => Vec::new(),
        writes => serde_json::from_value(writes).map_err(|error| senseless(&error))?,
    };
    graph::reduce(definition, state, &writes).map_err(|trouble| senseless(&trouble))
}

fn object(value: Value) -> Result<Map<String, Value>, PastError> {
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(PastError::Senseless("a whole state is no object".into())),
    }
}
