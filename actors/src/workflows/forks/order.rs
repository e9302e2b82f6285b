//! [`fork`] and [`replay`]: the order by which a workflow begins where another one stood.

use super::course::Course;
use super::cut::{Cut, lineage};
use super::manner::{Manner, Recording};
use super::origin::{Adopted, Change, Child, Origin, Purpose, Source};
use super::standing::{Standing, settled};
use crate::graph::{self, Bundle, Definition, Entry, Limits, Scope, Trouble};
use crate::journal::Journal;
use crate::vocabulary::{Hash, Payload, Position, WorkflowId, nearest};
use crate::workflows::checkpoint::{Next, NodeKind};
use crate::workflows::command::{Input, Order, Parent};
use crate::workflows::item::{ItemId, Settled};
use crate::workflows::past::{Past, PastError, definition};
use crate::workflows::planning::{frontier_of, next};
use serde_json::{Value, json};
use std::io;

/// Why there can be no such fork.
#[derive(Debug, thiserror::Error)]
pub enum ForkError {
    /// Its source could not be read, or is not there.
    #[error(transparent)]
    Past(#[from] PastError),
    /// What is to be different does not fit its definition.
    #[error("{0}")]
    Unfit(String),
    /// The subgraph's parent was elsewhere.
    #[error(
        "workflow {parent} was not waiting for {workflow_id} any more when that reached checkpoint {checkpoint}: fork {parent} itself"
    )]
    Left {
        /// The subgraph.
        workflow_id: WorkflowId,
        /// Its checkpoint.
        checkpoint: u32,
        /// One above it.
        parent: WorkflowId,
    },
    /// What it takes over could not be put away.
    #[error("failed to store the state of a fork: {0}")]
    Disk(#[from] io::Error),
}

impl From<Trouble> for ForkError {
    fn from(trouble: Trouble) -> Self {
        Self::Unfit(trouble.to_string())
    }
}

/// What is said of a fork beside what its source was.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The fork's id.
    pub workflow_id: WorkflowId,
    /// What the client said, hashed.
    pub asked: Hash,
    /// What is to be different.
    pub change: Option<Change>,
    /// How far its runs may go, where that is said.
    pub limits: Limits,
    /// How its agents are asked.
    pub manner: Manner,
}

/// The order of a fork: of the root of the lineage that is cut, whichever workflow of it was named.
pub async fn fork(journal: &Journal, cut: &Cut, wanted: Wanted) -> Result<Order, ForkError> {
    let Wanted { workflow_id, asked, change, limits, manner } = wanted;
    if let Some(change) = &change {
        check(journal, &cut.named, change, &workflow_id).await?;
    }
    let making = Making::of(journal, cut, &workflow_id, Purpose::Fork, change.as_ref());
    let mut order = making.order(Terms::of_root(asked, manner)).await?;
    order.limits = limits.over(&order.limits);
    Ok(order)
}

/// The order of a replay: it takes from its source what was recorded up to now.
pub async fn replay(
    journal: &Journal,
    cut: &Cut,
    workflow_id: &WorkflowId,
    asked: Hash,
) -> Result<Order, ForkError> {
    let (root, position) = (cut.root.clone(), journal.feed().head());
    let recording = Recording { workflow_id: root, position, course: Course::default() };
    let manner = Manner { recording: Some(Box::new(recording)), ..Manner::default() };
    let making = Making::of(journal, cut, workflow_id, Purpose::Replay, None);
    making.order(Terms::of_root(asked, manner)).await
}

/// What is to be different is looked at before anything begins, also of a subgraph that begins later.
async fn check(
    journal: &Journal,
    named: &Source,
    change: &Change,
    workflow_id: &WorkflowId,
) -> Result<(), ForkError> {
    let making = Making {
        journal,
        workflow_id,
        source: &named.workflow_id,
        named: None,
        position: named.position,
        purpose: Purpose::Fork,
        change: Some(change),
    };
    let standing = Standing::at(journal, making.source, making.position).await?;
    making.stand(&standing).await.map(drop)
}

/// A fork in the making.
pub(super) struct Making<'a> {
    pub(super) journal: &'a Journal,
    /// The fork.
    pub(super) workflow_id: &'a WorkflowId,
    pub(super) source: &'a WorkflowId,
    pub(super) named: Option<Source>,
    pub(super) position: Position,
    pub(super) purpose: Purpose,
    pub(super) change: Option<&'a Change>,
}

/// What does not come from the source.
pub(super) struct Terms {
    pub(super) asked: Hash,
    pub(super) parent: Option<Parent>,
    /// `None`: as its source.
    pub(super) runtime: Option<String>,
    /// `None`: as its source.
    pub(super) priority: Option<i32>,
    pub(super) manner: Manner,
}

/// Where a fork stands at first.
struct Stand {
    state: Value,
    /// What was edited.
    writes: Value,
    next: Option<Next>,
    end: Option<Value>,
}

impl<'a> Making<'a> {
    /// Of the root of a lineage.
    fn of(
        journal: &'a Journal,
        cut: &'a Cut,
        workflow_id: &'a WorkflowId,
        purpose: Purpose,
        change: Option<&'a Change>,
    ) -> Self {
        let named = (cut.root != cut.named.workflow_id).then(|| cut.named.clone());
        let (source, position) = (&cut.root, cut.named.position);
        Self { journal, workflow_id, source, named, position, purpose, change }
    }

    pub(super) async fn order(&self, mut terms: Terms) -> Result<Order, ForkError> {
        let standing = Standing::at(self.journal, self.source, self.position).await?;
        let Stand { state, writes, next, end } = self.stand(&standing).await?;
        let (mut adopted, mut children) = match &next {
            // Its items may be others now.
            _ if self.changes_here().is_some() => (Vec::new(), Vec::new()),
            Some(next) => {
                (self.adopted(&standing, next).await?, self.children(&standing, next).await?)
            }
            None => (Vec::new(), Vec::new()),
        };
        if let Some(recording) = &mut terms.manner.recording {
            recording.course = self.course(&standing, &children, recording.position).await?;
            if recording.course.first() != Some(standing.step) {
                // What was half done then was left for another step.
                (adopted, children) = (Vec::new(), Vec::new());
            }
        }
        let (bytes, written) = (length(&state), length(&writes));
        let end = match end {
            Some(output) => Some(self.journal.payload(output).await?),
            None => None,
        };
        let origin = Origin {
            source: self.source_of(self.source, &standing),
            named: self.named.clone(),
            purpose: self.purpose,
            run: standing.run,
            step: standing.step,
            state: self.journal.payload(state).await?,
            bytes,
            adopted,
            children,
            end,
        };
        let writes = self.journal.payload(writes).await?;
        let run = Input { input: standing.input.clone(), writes, bytes: written, next };
        let limits = self.limits(&standing).await?;
        Ok(Order { run, limits, origin: Some(Box::new(origin)), ..terms.order(standing.order) })
    }

    /// The state with what is edited, and the nodes that follow.
    async fn stand(&self, standing: &Standing) -> Result<Stand, ForkError> {
        let past = Past::read(self.journal, self.source).await?;
        let bundle = past.bundle(self.journal).await?;
        let definition = definition(&bundle, &standing.order.definition)?;
        let mut state = past.state_at(self.journal, standing.checkpoint).await?;
        let input = self.journal.value(&standing.input).await.map_err(PastError::from)?;
        let change = self.changes_here();
        let edits = change.map(|change| graph::edit(definition, &mut state, &change.state));
        let writes = edits.transpose()?.unwrap_or_default();
        let scope = Scope {
            input: &input,
            state: &state,
            workflow: self.workflow_id.0.as_str(),
            run: standing.run,
            step: standing.step,
            item: None,
            error: None,
            output: None,
        };
        let next = self.next(standing, (&bundle, definition), &scope)?;
        let is_over = next.as_ref().is_some_and(|next| next.nodes.is_empty());
        let end = is_over.then(|| graph::output(definition, &state, &scope)).transpose()?;
        Ok(Stand { writes: json!(writes), next, end, state: Value::Object(state) })
    }

    /// What is to be different in this very workflow.
    fn changes_here(&self) -> Option<&Change> {
        self.change.filter(|change| change.workflow_id == *self.source)
    }

    fn next(
        &self,
        standing: &Standing,
        (bundle, definition): (&Bundle, &Definition),
        scope: &Scope<'_>,
    ) -> Result<Option<Next>, ForkError> {
        let Some(change) = self.changes_here() else { return Ok(standing.next.clone()) };
        let mut frontier = standing.next.as_ref().map(frontier_of).unwrap_or_default();
        match &change.next {
            Some(names) => {
                known(definition, names)?;
                frontier.entries =
                    names.iter().map(|name| (name.clone(), Entry::default())).collect();
            }
            // What has to be worked out first, or has come to its end, is the same on another state.
            None if frontier.entries.is_empty() => return Ok(standing.next.clone()),
            None => {}
        }
        Ok(Some(next(bundle, definition, &frontier, scope)?))
    }

    /// What of the step was done: it is taken over, and not paid again.
    async fn adopted(&self, standing: &Standing, next: &Next) -> Result<Vec<Adopted>, ForkError> {
        let mut adopted = Vec::new();
        for ((step, node, index), recorded) in standing.record.of_step(standing.step) {
            let Some(settled) = settled(recorded).filter(|_| next.nodes.contains_key(node)) else {
                continue;
            };
            let item = ItemId { step: *step, node: node.clone(), index: *index, attempt: 1 };
            adopted.push(Adopted { item, settled: self.light(settled).await? });
        }
        Ok(adopted)
    }

    /// Many items of some thousand bytes each are too much for one message.
    async fn light(&self, settled: Settled) -> Result<Settled, ForkError> {
        const LIGHT: u64 = 1_000;
        match settled {
            Settled::Output(Payload::Inline(value)) if length(&value) > LIGHT => {
                let file = self.journal.put(value.to_string().into_bytes()).await?;
                Ok(Settled::Output(Payload::File(file)))
            }
            settled => Ok(settled),
        }
    }

    /// The subgraphs of the step that were half done.
    async fn children(&self, standing: &Standing, next: &Next) -> Result<Vec<Child>, ForkError> {
        let changed = match self.change {
            Some(change) => lineage(self.journal, &change.workflow_id).await?,
            None => Vec::new(),
        };
        let mut children = Vec::new();
        for item in subgraphs(standing, next) {
            let child = item.child(self.source);
            match Standing::at(self.journal, &child, self.position).await {
                Ok(there) => {
                    let change = self.change.filter(|_| changed.contains(&child));
                    let (change, source) =
                        (change.cloned().map(Box::new), self.source_of(&child, &there));
                    let ItemId { node, index, .. } = item;
                    children.push(Child { node, index, source, change });
                }
                // It was to begin from another one itself.
                Err(PastError::NoWorkflow(_)) => {
                    let origin = standing.order.origin.as_ref();
                    children.extend(origin.and_then(|origin| origin.child_of(&item)).cloned());
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(children)
    }

    fn source_of(&self, workflow: &WorkflowId, standing: &Standing) -> Source {
        let (checkpoint, version) = (standing.checkpoint, standing.version);
        Source { workflow_id: workflow.clone(), checkpoint, version, position: self.position }
    }

    /// A replay costs nothing: it may go as many steps as its source did.
    async fn limits(&self, standing: &Standing) -> Result<Limits, ForkError> {
        let limits = &standing.order.limits;
        if self.purpose == Purpose::Fork {
            return Ok(limits.clone());
        }
        Ok(unpaid(limits, self.journal, self.source).await?)
    }
}

/// The limits of a replay of a workflow.
pub(super) async fn unpaid(
    limits: &Limits,
    journal: &Journal,
    recorded: &WorkflowId,
) -> Result<Limits, PastError> {
    let went = Past::read(journal, recorded).await?.checkpoints.len();
    let went = u32::try_from(went).unwrap_or(u32::MAX);
    let steps = limits.steps.map(|most| most.max(went));
    Ok(Limits { steps, ..Limits::default() })
}

impl Terms {
    fn of_root(asked: Hash, manner: Manner) -> Self {
        Self { asked, parent: None, runtime: None, priority: None, manner }
    }

    /// The source's order, on these terms.
    fn order(self, source: Order) -> Order {
        let Self { asked, parent, runtime, priority, manner } = self;
        let (runtime, priority) = (runtime.or(source.runtime), priority.unwrap_or(source.priority));
        Order { asked, parent, runtime, priority, manner, ..source }
    }
}

/// The items of the step that subgraphs carry out and that had not settled.
fn subgraphs<'a>(standing: &'a Standing, next: &'a Next) -> impl Iterator<Item = ItemId> + 'a {
    let nodes = next.nodes.iter().filter(|(_, spec)| spec.kind == NodeKind::Subgraph);
    let items = nodes.flat_map(|(node, spec)| {
        let indices: Vec<Option<u32>> = match spec.items {
            None => vec![None],
            Some(count) => (0..count).map(Some).collect(),
        };
        let step = standing.step;
        let id = move |index| ItemId { step, node: node.clone(), index, attempt: 1 };
        indices.into_iter().map(id)
    });
    items.filter(|item| !standing.is_settled(item))
}

fn known(definition: &Definition, names: &[String]) -> Result<(), ForkError> {
    if names.is_empty() {
        return Err(ForkError::Unfit(
            "next is empty: name at least one node, or leave it out".into(),
        ));
    }
    let nodes = || definition.nodes.keys().map(String::as_str);
    let Some(unknown) = names.iter().find(|name| !definition.nodes.contains_key(*name)) else {
        return Ok(());
    };
    let hint = match nearest(unknown, nodes()) {
        Some(near) => format!("did you mean {near:?}?"),
        None => format!("choose of {}", nodes().collect::<Vec<_>>().join(", ")),
    };
    Err(ForkError::Unfit(format!("next: there is no node {unknown:?}: {hint}")))
}

fn length(value: &Value) -> u64 {
    value.to_string().len() as u64
}
