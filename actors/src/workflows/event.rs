//! What has happened to a workflow.

use super::budget::Fact;
use super::checkpoint::{Checkpoint, Next, Spec, Whole};
use super::command::{Input, Order};
use super::forks::{Purpose, Source};
use super::item::{Failure, Interrupt, ItemId, Settled, Waiting};
use super::rewind::Target;
use super::undo::{Deed, Undo};
use crate::nodes::Metrics;
use crate::vocabulary::{Name, Payload, Timestamp, Topic, WorkflowId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What has happened to a workflow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
#[expect(missing_docs, reason = "the fields are explained where their types are declared")]
pub enum Event {
    /// It came into being.
    #[serde(rename = "WORKFLOW_STARTED")]
    Created {
        workflow_id: WorkflowId,
        #[serde(flatten)]
        order: Box<Order>,
        at: Timestamp,
    },
    /// It began where another workflow stood, as its order says.
    #[serde(rename = "WORKFLOW_FORKED")]
    Forked { workflow_id: WorkflowId, run: u32, source: Source, purpose: Purpose, at: Timestamp },
    /// An item had settled where the other workflow stood.
    #[serde(rename = "NODE_ADOPTED")]
    Adopted { workflow_id: WorkflowId, item: ItemId, settled: Settled, at: Timestamp },
    /// A run began, on the state of its checkpoint's parent.
    #[serde(rename = "WORKFLOW_RUN_STARTED")]
    RunStarted {
        workflow_id: WorkflowId,
        run: u32,
        input: Payload,
        checkpoint: Checkpoint,
        /// `None`: it has to be worked out first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        next: Option<Next>,
        /// It had waited for the end of another.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        was_queued: bool,
        at: Timestamp,
    },
    /// A run waits for the end of the one that is under way.
    #[serde(rename = "WORKFLOW_RUN_QUEUED")]
    RunQueued { workflow_id: WorkflowId, input: Box<Input>, at: Timestamp },
    /// A node began.
    #[serde(rename = "NODE_STARTED")]
    NodeStarted {
        workflow_id: WorkflowId,
        #[serde(rename = "workflow_type")]
        definition: String,
        step: u32,
        node: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        items: Option<u32>,
        at: Timestamp,
    },
    /// An item is done.
    #[serde(rename = "NODE_COMPLETE")]
    NodeDone {
        workflow_id: WorkflowId,
        item: ItemId,
        output: Payload,
        #[serde(default, skip_serializing_if = "Metrics::is_nothing")]
        spent: Metrics,
        at: Timestamp,
    },
    /// An item has failed for good.
    #[serde(rename = "NODE_FAILED")]
    NodeFailed {
        workflow_id: WorkflowId,
        item: ItemId,
        failure: Failure,
        is_caught: bool,
        spent: Metrics,
        at: Timestamp,
    },
    /// An item has failed, and is tried again.
    #[serde(rename = "NODE_RETRY")]
    NodeRetry {
        workflow_id: WorkflowId,
        /// The attempt that is to be.
        item: ItemId,
        failure: Failure,
        spent: Metrics,
        due: Timestamp,
    },
    /// An item waits.
    #[serde(rename = "NODE_WAITING")]
    NodeWaits {
        workflow_id: WorkflowId,
        item: ItemId,
        until: Waiting,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deadline: Option<Timestamp>,
    },
    /// A tool is called for an item that is not to be called again: from here on it may have been.
    #[serde(rename = "TOOL_BEGUN")]
    CallBegun { workflow_id: WorkflowId, item: ItemId, tool: String, at: Timestamp },
    /// A person is asked.
    #[serde(rename = "WORKFLOW_INTERRUPTED")]
    Interrupted {
        workflow_id: WorkflowId,
        #[serde(flatten)]
        interrupt: Box<Interrupt>,
        /// What was taken before it had to be asked.
        #[serde(default, skip_serializing_if = "Metrics::is_nothing")]
        spent: Metrics,
    },
    /// A person has decided what follows a call whose result is lost: another, or its failure.
    #[serde(rename = "WORKFLOW_CALL_DECIDED")]
    CallDecided {
        workflow_id: WorkflowId,
        interrupt_id: Name,
        item: ItemId,
        is_again: bool,
        by: String,
        at: Timestamp,
    },
    /// A person has answered.
    #[serde(rename = "WORKFLOW_ANSWERED")]
    Answered {
        workflow_id: WorkflowId,
        interrupt_id: Name,
        item: ItemId,
        answer: Value,
        by: String,
        at: Timestamp,
    },
    /// Something was reserved, settled, granted or denied.
    #[serde(rename = "WORKFLOW_BUDGET")]
    Budget {
        workflow_id: WorkflowId,
        #[serde(flatten)]
        fact: Fact,
        at: Timestamp,
    },
    /// A step is done: the next begins from its checkpoint.
    #[serde(rename = "WORKFLOW_STEP_COMPLETE")]
    StepCommitted { workflow_id: WorkflowId, checkpoint: Checkpoint, next: Next, at: Timestamp },
    /// The whole state was written down.
    #[serde(rename = "WORKFLOW_CHECKPOINT")]
    Checkpointed {
        workflow_id: WorkflowId,
        #[serde(flatten)]
        whole: Whole,
    },
    /// The run has come to its end.
    #[serde(rename = "WORKFLOW_COMPLETE")]
    Completed { workflow_id: WorkflowId, run: u32, output: Payload, spent: Metrics, at: Timestamp },
    /// The run is going to fail, as soon as what is under way has ended.
    #[serde(rename = "WORKFLOW_FAILING")]
    Failing { workflow_id: WorkflowId, run: u32, failure: Failure, at: Timestamp },
    /// The run has failed.
    #[serde(rename = "WORKFLOW_FAILED")]
    Failed { workflow_id: WorkflowId, run: u32, failure: Failure, spent: Metrics, at: Timestamp },
    /// What has failed is tried again.
    #[serde(rename = "WORKFLOW_RETRY")]
    Retried { workflow_id: WorkflowId, by: String, at: Timestamp },
    /// Nothing new begins.
    #[serde(rename = "WORKFLOW_PAUSED")]
    Paused {
        workflow_id: WorkflowId,
        by: String,
        /// Because its parent was.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_held: bool,
        at: Timestamp,
    },
    /// It goes on.
    #[serde(rename = "WORKFLOW_RESUMED")]
    Resumed { workflow_id: WorkflowId, by: String, at: Timestamp },
    /// The run is being ended.
    #[serde(rename = "WORKFLOW_CANCELLING")]
    Stopping {
        workflow_id: WorkflowId,
        run: u32,
        by: String,
        then: Ending,
        /// So many runs that waited for its end are called off with it.
        #[serde(default, skip_serializing_if = "is_nothing")]
        called_off: u32,
        at: Timestamp,
    },
    /// Nobody works at an item any more.
    #[serde(rename = "NODE_STOPPED")]
    NodeStopped {
        workflow_id: WorkflowId,
        item: ItemId,
        #[serde(default)]
        spent: Metrics,
    },
    /// The run has ended because somebody wanted it so.
    #[serde(rename = "WORKFLOW_CANCELLED")]
    Cancelled { workflow_id: WorkflowId, run: u32, by: String, spent: Metrics, at: Timestamp },
    /// What was done is being undone.
    #[serde(rename = "WORKFLOW_UNDOING")]
    Undoing {
        workflow_id: WorkflowId,
        run: u32,
        by: String,
        #[serde(flatten)]
        undo: Undo,
        at: Timestamp,
    },
    /// One execution is being undone, in a step of its own.
    #[serde(rename = "NODE_UNDOING")]
    NodeUndoing {
        workflow_id: WorkflowId,
        #[serde(flatten)]
        deed: Deed,
        step: u32,
        next: Next,
        at: Timestamp,
    },
    /// One execution is undone, by the step.
    #[serde(rename = "NODE_UNDONE")]
    NodeUndone {
        workflow_id: WorkflowId,
        #[serde(flatten)]
        deed: Deed,
        step: u32,
        at: Timestamp,
    },
    /// All that was to be undone is: so many parts of it; and what that took.
    #[serde(rename = "WORKFLOW_UNDONE")]
    Undone {
        workflow_id: WorkflowId,
        run: u32,
        by: String,
        count: u32,
        spent: Metrics,
        at: Timestamp,
    },
    /// It has gone back to a checkpoint; the step that follows has this number.
    #[serde(rename = "WORKFLOW_REWOUND")]
    Rewound {
        workflow_id: WorkflowId,
        by: String,
        to: Box<Target>,
        step: u32,
        is_paused: bool,
        at: Timestamp,
    },
    /// The subgraph of a node was told that its parent is paused, or goes on.
    #[serde(rename = "NODE_STEERED")]
    NodeSteered { workflow_id: WorkflowId, item: ItemId, pause: u32 },
}

/// What follows when a run has been stopped.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Nothing.
    Cancel,
    /// It has failed.
    Fail(Failure),
    /// Another run, on the state of a checkpoint.
    Run {
        /// With what.
        input: Box<Input>,
        /// Of which.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<u32>,
    },
    /// It stands at an older checkpoint.
    Rewind {
        /// Which.
        to: Box<Target>,
        /// It stays there until somebody has it go on.
        is_paused: bool,
    },
    /// What was done is undone; then something else follows.
    Undo(Undo),
}

impl Ending {
    /// Whether it ends with the workflow cancelled.
    pub(super) fn is_cancel(&self) -> bool {
        match self {
            Self::Cancel => true,
            Self::Undo(undo) => undo.then.is_cancel(),
            Self::Fail(_) | Self::Run { .. } | Self::Rewind { .. } => false,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_nothing(count: &u32) -> bool {
    *count == 0
}

impl Event {
    /// Where it is published.
    pub(super) fn topic(&self) -> Topic {
        Topic::of(match self {
            Self::NodeStarted { definition, node, .. } => {
                return Topic::below("workflow", &[definition, "step", node]);
            }
            Self::Created { .. } => "workflow.started",
            Self::Forked { .. } => "workflow.forked",
            Self::Adopted { .. } => "node.adopted",
            Self::RunStarted { .. } => "workflow.run_started",
            Self::RunQueued { .. } => "workflow.run_queued",
            Self::NodeDone { .. } => "node.complete",
            Self::NodeFailed { .. } => "node.failed",
            Self::NodeRetry { .. } => "node.retry",
            Self::NodeWaits { .. } => "node.waiting",
            Self::NodeStopped { .. } => "node.stopped",
            Self::CallBegun { .. } => "tool.begun",
            Self::Interrupted { .. } => "workflow.interrupted",
            Self::Answered { .. } | Self::CallDecided { .. } => "workflow.answered",
            Self::Budget { .. } => "workflow.budget",
            Self::StepCommitted { .. } => "workflow.step_complete",
            Self::Checkpointed { .. } => "workflow.checkpoint",
            Self::Completed { .. } => "workflow.complete",
            Self::Failing { .. } => "workflow.failing",
            Self::Failed { .. } => "workflow.failed",
            Self::Retried { .. } => "workflow.retry",
            Self::Paused { .. } => "workflow.paused",
            Self::Resumed { .. } => "workflow.resumed",
            Self::Stopping { .. } => "workflow.cancelling",
            Self::Cancelled { .. } => "workflow.cancelled",
            Self::Undoing { .. } => "workflow.undoing",
            Self::NodeUndoing { .. } => "node.undoing",
            Self::NodeUndone { .. } => "node.undone",
            Self::Undone { .. } => "workflow.undone",
            Self::Rewound { .. } => "workflow.rewound",
            Self::NodeSteered { .. } => "node.steered",
        })
    }

    /// The nodes that begin with `next`.
    pub(super) fn nodes_started(
        workflow_id: &WorkflowId,
        definition: &str,
        step: u32,
        next: &Next,
        at: Timestamp,
    ) -> Vec<Self> {
        let started = |(node, spec): (&String, &Spec)| Self::NodeStarted {
            workflow_id: workflow_id.clone(),
            definition: definition.to_owned(),
            step,
            node: node.clone(),
            items: spec.items,
            at,
        };
        next.nodes.iter().map(started).collect()
    }
}
