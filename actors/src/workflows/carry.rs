//! Working at an item: what its node has to do is worked out, and handed to whoever does it.

use super::budget::RootPurse;
use super::command::{Command, Outcome};
use super::effect::{Carry, NodeEnd, Place};
use super::forks::NO_RECORDING;
use super::item::{Failure, ItemId, Settled, Waiting};
use super::lost::INDETERMINATE;
use super::memory::View;
use super::perform::Tools;
use super::state::Workflow;
use crate::graph::{self, Agent, Question, Scope, Wait, Work};
use crate::journal::MessageKind;
use crate::machine::Outbox;
use crate::nodes::{self, Metrics};
use crate::vocabulary::{Clock, Patterns, Payload, Position, SessionId, Timestamp};
use crate::vocabulary::{Name, WorkflowId};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

impl Tools {
    /// Works at an item; where its end is the step's, also at that.
    pub(super) async fn carry(&self, carry: Carry, outbox: &Outbox<Workflow>) -> Command {
        let deadline = self.deadline(&carry);
        let work = async { self.work_at(&carry, deadline, outbox).await.unwrap_or_else(failed) };
        let work = Box::pin(work);
        let outcome = match carry.spec.kind {
            // Its questions and waits have the deadline themselves.
            super::NodeKind::Interrupt | super::NodeKind::Wait => work.await,
            _ => {
                let work = self.within_seconds(&carry, self.begun(&carry), work);
                self.until_deadline(&carry, deadline, work).await
            }
        };
        if carry.is_sole
            && let Some(settled) = settled(&carry, &outcome)
            && let Ok(plan) = self.plan(&carry.place, &settled).await
        {
            return Command::ReportItem { item: carry.item, outcome, plan: Some(plan) };
        }
        Command::ReportItem { item: carry.item, outcome, plan: None }
    }

    /// A node that has no list has its time from its own begin on, through all crashes; an item of a list from the
    /// moment on at which there is room for it.
    fn deadline(&self, carry: &Carry) -> Option<Timestamp> {
        let timeout = Duration::from_millis(carry.spec.timeout_ms?);
        Some(self.begun(carry).after(timeout))
    }

    fn begun(&self, carry: &Carry) -> Timestamp {
        match carry.item.index {
            None => carry.started_at,
            Some(_) => self.journal.clock().now(),
        }
    }

    /// Gives work up that takes longer than it may. Each attempt has an agent of its own, who stops then, and what he took
    /// counts; a subgraph goes on, for the next attempt.
    async fn until_deadline(
        &self,
        carry: &Carry,
        deadline: Option<Timestamp>,
        work: impl Future<Output = Outcome>,
    ) -> Outcome {
        let outcome = give_up_at(self.journal.clock(), deadline, work).await;
        match outcome {
            Outcome::Failed { failure, spent } if failure.kind == LATE => {
                let spent = match carry.spec.kind {
                    super::NodeKind::Agent => self.stop_agent("its time-out", carry).await,
                    _ => spent,
                };
                Outcome::Failed { failure: late(carry), spent }
            }
            outcome => outcome,
        }
    }

    /// Has an agent stop, and says what he took.
    pub(super) async fn stop_agent(&self, by: &str, carry: &Carry) -> Metrics {
        let name = node_name(&carry.place.workflow_id, &carry.item);
        self.stop_node(by, &name).await
    }

    /// Has an agent's node stop, and says what it took.
    pub(super) async fn stop_node(&self, by: &str, name: &Name) -> Metrics {
        let stopped = nodes::stop(&self.nodes, name, by).await;
        let took = stopped.map(|outcome| outcome.metrics()).unwrap_or_default();
        self.abandoned(name).await.unwrap_or(took)
    }

    /// Clears up behind a node that an operator has ended, and says what it took; `None`: it has said so itself.
    async fn abandoned(&self, name: &Name) -> Option<Metrics> {
        let purse = RootPurse::new(self.workflows.clone());
        nodes::abandon(&self.nodes, &self.processes, &purse, name).await
    }

    async fn work_at(
        &self,
        carry: &Carry,
        deadline: Option<Timestamp>,
        outbox: &Outbox<Workflow>,
    ) -> Result<Outcome, Failure> {
        let place = &carry.place;
        if let Some(undo) = place.undo.as_ref().filter(|undo| undo.deed.is_inside) {
            return self.undo_inside(carry, undo).await;
        }
        let view = self.memory.view(place).await?;
        let work = self.work(&view, carry)?;
        if let Some(recorded) = self.replayed(carry, &work).await? {
            return Ok(recorded);
        }
        match work {
            Work::Computed(members) => {
                Ok(done(self.payload(Value::Object(members)).await, Metrics::default()))
            }
            Work::Agent(agent) => Ok(self.ask(carry, agent).await),
            Work::Subgraph { definition, input } => {
                self.run_subgraph(carry, &view, &definition, &input).await
            }
            Work::Interrupt(Question { question, answer }) => {
                Ok(Outcome::Ask { question, answer, deadline })
            }
            Work::Wait(wait) => Ok(self.begin_waiting(wait, carry.started_at, deadline)),
            Work::Tool { name, arguments } => self.call(carry, &name, arguments, outbox).await,
        }
    }

    /// What the node has to do.
    fn work(&self, view: &View, carry: &Carry) -> Result<Work, Failure> {
        let (definition, item) = (view.definition()?, &carry.item);
        let scope = view.scope_of(&carry.place, &item.node);
        let Some(index) = item.index else {
            return Ok(graph::work(&view.bundle, definition, &item.node, &scope)?);
        };
        let items = self.memory.items(&carry.place, view, &item.node)?;
        let index = index as usize;
        let none = || Failure::new("definition", format!("its list has no element {index}"));
        let element = items.get(index).ok_or_else(none)?;
        let scope = Scope { item: Some((index, element)), ..scope };
        Ok(graph::work(&view.bundle, definition, &item.node, &scope)?)
    }

    // ---- agents ----

    async fn ask(&self, carry: &Carry, agent: Agent) -> Outcome {
        let (place, item) = (&carry.place, &carry.item);
        let agent = place.manner.apply(agent);
        let session = match self.conversation(place, agent.session.as_deref()).await {
            Ok(session) => session,
            Err(failure) => return failed(failure),
        };
        let text = json!(agent).to_string();
        let asked = self.until_stored(move |files| files.publish_by_hash(text.as_bytes()));
        let path = path_of(place, item);
        let mut order = nodes::Order::new(place.workflow_id.clone(), path, &agent, asked.await);
        order.session_id = session;
        order.runtime.clone_from(&place.runtime);
        order.priority = place.priority;
        order.budget = budget(carry);
        order.workplace.clone_from(&place.workplace);
        order.timeout_s = carry
            .spec
            .timeout_ms
            .map(|millis| u32::try_from(millis.div_ceil(1_000)).unwrap_or(u32::MAX).max(1));
        let name = node_name(&place.workflow_id, item);
        match nodes::carry_out(&self.nodes, &name, order).await {
            nodes::Outcome::Completed { output, metrics } => done(output, metrics),
            nodes::Outcome::Failed { kind, error, metrics } => {
                let spent = self.abandoned(&name).await.unwrap_or(metrics);
                Outcome::Failed { failure: Failure::new(kind.as_str(), error), spent }
            }
        }
    }

    // ---- waits ----

    fn begin_waiting(&self, wait: Wait, begun: Timestamp, deadline: Option<Timestamp>) -> Outcome {
        let until = match wait {
            Wait::For(duration) => Waiting::Moment(begun.after(duration)),
            Wait::Until(moment) => Waiting::Moment(moment),
            Wait::Message { topic, when } => {
                Waiting::Message { topic, when, after: self.journal.feed().head() }
            }
        };
        Outcome::Wait { until, deadline }
    }

    /// Waits for a message; it is what comes of it.
    pub(super) async fn hear(
        &self,
        place: &Place,
        item: &ItemId,
        topic: &str,
        when: Option<&str>,
        after: Position,
    ) -> Outcome {
        let heard = self.heard(place, item, topic, when, after).await;
        heard.unwrap_or_else(failed)
    }

    async fn heard(
        &self,
        place: &Place,
        item: &ItemId,
        topic: &str,
        when: Option<&str>,
        after: Position,
    ) -> Result<Outcome, Failure> {
        let view = self.memory.view(place).await?;
        let patterns = Patterns::parse(&[topic]);
        let patterns = patterns.map_err(|error| Failure::new("definition", error.to_string()))?;
        let mut subscription = self.journal.subscribe(patterns, after);
        loop {
            let batch = match subscription.next().await {
                Ok(batch) => batch,
                Err(error) => {
                    tracing::warn!(%error, "failed to follow messages: trying again");
                    tokio::time::sleep(Duration::from_millis(250)).await;
                    continue;
                }
            };
            for message in batch.messages {
                let said = json!({
                    "topic": message.topic, "event_type": message.event_type,
                    "data": serde_json::from_str::<Value>(message.data.get()).unwrap_or_default(),
                    "position": message.position, "is_event": message.kind == MessageKind::Event,
                });
                if graph::matches(when, &said, &view.scope_of(place, &item.node))? {
                    return Ok(done(self.payload(said).await, Metrics::default()));
                }
            }
        }
    }
}

/// The kind of a failure of what took longer than it may.
const LATE: &str = "timed_out";

/// Who took longer than how long, and what to do.
fn late(carry: &Carry) -> Failure {
    let path = path_of(&carry.place, &carry.item);
    let allowed = Duration::from_millis(carry.spec.timeout_ms.unwrap_or_default());
    let error = format!(
        "{path} took longer than its time-out of {allowed:?}: give it more (`timeout`), ask for less, or ask a faster model"
    );
    Failure::new(LATE, error)
}

/// What the step's only node has come to; `None`: nothing yet.
fn settled(carry: &Carry, outcome: &Outcome) -> Option<BTreeMap<String, NodeEnd>> {
    let end = match outcome {
        Outcome::Done { output, .. } => Settled::Output(output.clone()),
        Outcome::Failed { failure, .. }
            if carry.spec.is_caught
                && failure.kind != NO_RECORDING
                && failure.kind != INDETERMINATE =>
        {
            Settled::Failed(failure.clone())
        }
        _ => return None,
    };
    let end = NodeEnd { is_list: false, items: [(carry.item.index, end)].into() };
    (carry.item.index.is_none()).then(|| [(carry.item.node.clone(), end)].into())
}

/// Ends work that takes longer than it may.
pub(super) async fn give_up_at(
    clock: &Clock,
    deadline: Option<Timestamp>,
    work: impl Future<Output = Outcome>,
) -> Outcome {
    let Some(deadline) = deadline else { return work.await };
    let left = deadline.since(clock.now());
    match tokio::time::timeout(left, work).await {
        Ok(outcome) => outcome,
        Err(_) => failed(Failure::new(LATE, "it took longer than it may")),
    }
}

pub(super) fn done(output: Payload, spent: Metrics) -> Outcome {
    Outcome::Done { output, spent }
}

pub(super) fn failed(failure: Failure) -> Outcome {
    Outcome::Failed { failure, spent: Metrics::default() }
}

/// The agent's node that carries an item out: every attempt is another.
pub(super) fn node_name(workflow: &WorkflowId, item: &ItemId) -> Name {
    nodes::name_of(workflow, &item.key("node").0)
}

/// Under which limits it stands.
pub(super) fn budget(carry: &Carry) -> Option<nodes::Budget> {
    let bounds = carry.bounds();
    let root_id = carry.place.root_id.clone();
    (!bounds.is_empty()).then_some(nodes::Budget { root_id, bounds })
}

/// Where it stands, for people.
pub(super) fn path_of(place: &Place, item: &ItemId) -> String {
    let list = item.index.map(|index| format!("[{index}]")).unwrap_or_default();
    let Place { definition, run, .. } = place;
    format!("{definition}/run {run}/step {}/{}{list}", item.step, item.node)
}

/// A conversation of this workflow's own, since it went back for the last time: what was said before and left behind is
/// none of it.
pub(super) fn session(workflow: &WorkflowId, returns: u32, name: &str) -> SessionId {
    let (workflow, returns) = (workflow.0.as_str(), returns.to_string());
    let parts: &[&str] = match returns.as_str() {
        "0" => &["workflow session", workflow, name],
        returns => &["workflow session", workflow, name, returns],
    };
    SessionId(Name::derived(parts))
}
