//! Running another graph for a node: a workflow of its own, told, told again after a crash, and waited for.

use super::carry::{done, node_name};
use super::command::{Command, Order, Outcome, Parent, Refusal};
use super::effect::Carry;
use super::event::Event;
use super::forks::{Manner, NO_RECORDING};
use super::item::{Failure, ItemId};
use super::launch::first_run;
use super::memory::View;
use super::past::{Past, PastError};
use super::perform::Tools;
use super::undo::UNDO_FAILED;
use super::workplace::workplace;
use super::{NodeKind, Workflow};
use crate::entity::{Directory, Receipt, TellError};
use crate::journal::{Message, MessageKind};
use crate::machine::tagged;
use crate::nodes::{Metrics, Pause};
use crate::vocabulary::{Hash, MessageId, Position, WorkflowId};
use serde_json::Value;

type Told = Result<Receipt, TellError<Refusal>>;

impl Tools {
    /// Starts the workflow that carries an item out, or has it try again, and waits for its end.
    pub(super) async fn run_subgraph(
        &self,
        carry: &Carry,
        view: &View,
        definition: &str,
        input: &Value,
    ) -> Result<Outcome, Failure> {
        let (place, item) = (&carry.place, &carry.item);
        let child = item.child(&place.workflow_id);
        let bundle = &view.bundle;
        let written = bundle.definition(definition).ok_or_else(|| {
            Failure::new("definition", format!("its bundle has no definition {definition:?}"))
        })?;
        let run = first_run(&self.journal, bundle, written, input, &child).await?;
        let order = Order {
            definition: definition.to_owned(),
            bundle: place.bundle.clone(),
            asked: Hash::of(input.to_string().as_bytes()),
            parent: Some(Parent {
                workflow_id: place.workflow_id.clone(),
                root_id: place.root_id.clone(),
                item: ItemId { attempt: 1, ..item.clone() },
                bounds: carry.bounds(),
            }),
            runtime: place.runtime.clone(),
            priority: place.priority,
            limits: written.limits.clone(),
            run,
            manner: Manner::default(),
            workplace: None,
            origin: None,
        };
        let workplace = workplace(place.workplace.as_ref(), written, input)?;
        let order = self.order_of_child(carry, &child, order).await?;
        // Also of one that is forked: its folder is in its new root's.
        let order = Order { workplace: workplace.map(Box::new), ..order };
        let mut after =
            self.tell_child(&child, "start", Command::StartWorkflow(order.into())).await?;
        if item.attempt > 1 {
            let bounds = carry.bounds();
            if !bounds.is_empty() {
                let bind = format!("bind {}", item.attempt);
                self.tell_child(&child, &bind, Command::Bind { bounds }).await?;
            }
            let by = "its parent".to_owned();
            let again = format!("retry {}", item.attempt);
            after = match self.tell_child(&child, &again, Command::Retry { by }).await? {
                0 => self.newest_try(&child).await,
                told => told,
            };
        }
        Ok(self.end_of(&child, after, end).await)
    }

    /// Tells a child something, and says behind which position what comes of it stands.
    pub(super) async fn tell_child(
        &self,
        child: &WorkflowId,
        what: &str,
        command: Command,
    ) -> Result<Position, Failure> {
        let id = MessageId::derived(&["workflow", child.0.as_str(), what]);
        match tell(&self.workflows, child, id, command).await {
            Ok(receipt) => Ok(receipt.position),
            // It is there, or needs no other try: what came of it stands in its stream.
            Err(TellError::Refused(_) | TellError::DifferentBody) => Ok(0),
            Err(error) => Err(Failure::new("subgraph_failed", error.to_string())),
        }
    }

    /// Where a child's newest try begins. Somebody else may have had it try again: then what came of that counts, and not
    /// why it had failed before.
    async fn newest_try(&self, child: &WorkflowId) -> Position {
        let stream = Directory::<Workflow>::stream(&child.0);
        let mut pause = Pause::new();
        loop {
            match self.journal.load(stream.clone(), 0).await {
                Ok(loaded) => {
                    let tries = loaded.messages.iter().filter(|message| begins_a_try(message));
                    return tries.map(|message| message.position).max().unwrap_or(0);
                }
                Err(error) => {
                    tracing::warn!(workflow = %child, %error, "failed to read a workflow: trying again");
                }
            }
            pause.rest().await;
        }
    }

    /// What the first event behind a position comes to that is an end.
    pub(super) async fn end_of(
        &self,
        child: &WorkflowId,
        after: Position,
        end: fn(&Event) -> Option<Outcome>,
    ) -> Outcome {
        let mut pause = Pause::new();
        loop {
            match self.workflows.find_event(&child.0, after, end).await {
                Ok(outcome) => return outcome,
                Err(error) if error.is_passing() => {
                    tracing::warn!(workflow = %child, %error, "failed to wait for a workflow: trying again");
                }
                Err(error) => {
                    return super::carry::failed(Failure::new(
                        "subgraph_failed",
                        error.to_string(),
                    ));
                }
            }
            pause.rest().await;
        }
    }

    /// Sees that nobody works at an item any more; what they took.
    pub(super) async fn stop(
        &self,
        by: &str,
        workflow_id: &WorkflowId,
        item: &ItemId,
        child: &WorkflowId,
        kind: NodeKind,
    ) -> Metrics {
        match kind {
            NodeKind::Agent => {
                let name = node_name(workflow_id, item);
                self.stop_node(by, &name).await
            }
            NodeKind::Subgraph => self.stop_child(by, item, child).await,
            NodeKind::Tool | NodeKind::Interrupt | NodeKind::Wait | NodeKind::Set => {
                Metrics::default()
            }
        }
    }

    /// Has a child's run fail at a limit, so that it may be tried again; what it took.
    pub(super) async fn fail_child(&self, carry: &Carry, failure: &Failure) -> Metrics {
        let child = carry.item.child(&carry.place.workflow_id);
        let what = format!("limit {}", carry.item.attempt);
        let command = Command::EndRun { run: 1, failure: failure.clone() };
        match self.tell_child(&child, &what, command).await {
            Ok(after) => match self.end_of(&child, after, end).await {
                Outcome::Done { spent, .. } | Outcome::Failed { spent, .. } => spent,
                Outcome::Ask { .. } | Outcome::Wait { .. } => Metrics::default(),
            },
            Err(_) => Metrics::default(),
        }
    }

    /// Each attempt at an item, and each undoing, may be stopped once.
    async fn stop_child(&self, by: &str, item: &ItemId, child: &WorkflowId) -> Metrics {
        let key = item.key("stop").0;
        let id = MessageId::derived(&["workflow", child.0.as_str(), &key]);
        let told = tell(&self.workflows, child, id, Command::Cancel { by: by.to_owned() }).await;
        // Refused: it is not there, or has ended. It may also have been cancelled just before.
        if let Ok(receipt) = told
            && self.now(child).await.is_some_and(|child| !child.phase().is_over())
        {
            self.end_of(child, receipt.position, end).await;
        }
        // What it took before it last began was heard then.
        self.now(child).await.map(|child| child.unheard()).unwrap_or_default()
    }

    /// How a workflow stands; `None`: there is none.
    pub(super) async fn now(&self, workflow: &WorkflowId) -> Option<Workflow> {
        let mut pause = Pause::new();
        loop {
            match Past::read(&self.journal, workflow).await {
                Ok(past) => return Some(past.workflow),
                Err(PastError::Fault(error)) => {
                    tracing::warn!(%workflow, %error, "failed to read a workflow: trying again");
                }
                Err(_) => return None,
            }
            pause.rest().await;
        }
    }
}

pub(super) async fn tell(
    workflows: &Directory<Workflow>,
    workflow: &WorkflowId,
    id: MessageId,
    command: Command,
) -> Told {
    let mut pause = Pause::new();
    loop {
        match workflows.tell(&workflow.0, id, command.clone()).await {
            Err(error) if error.is_passing() => {
                tracing::warn!(%workflow, %error, "failed to tell a workflow: trying again");
            }
            settled => return settled,
        }
        pause.rest().await;
    }
}

fn begins_a_try(message: &Message) -> bool {
    message.kind == MessageKind::Event
        && matches!(
            tagged::join(&message.event_type, message.data.get()),
            Ok(Event::RunStarted { .. } | Event::Retried { .. } | Event::Rewound { .. })
        )
}

fn end(event: &Event) -> Option<Outcome> {
    let (failure, spent) = match event {
        Event::Completed { output, spent, .. } => return Some(done(output.clone(), *spent)),
        // A limit of a lineage is the same wherever it was met, and so is the end of a record.
        Event::Failed { failure, spent, .. }
            if failure.kind == "limit" || failure.kind == NO_RECORDING =>
        {
            (failure.clone(), *spent)
        }
        Event::Failed { failure, spent, .. } => {
            let kind = if failure.kind == UNDO_FAILED { UNDO_FAILED } else { "subgraph_failed" };
            (Failure::new(kind, failure.error.clone()), *spent)
        }
        Event::Cancelled { by, spent, .. } => {
            (Failure::new("cancelled", format!("its workflow was cancelled by {by}")), *spent)
        }
        _ => return None,
    };
    Some(Outcome::Failed { failure, spent })
}
