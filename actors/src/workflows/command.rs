//! What a workflow is asked, and why it may refuse.

use super::checkpoint::{Next, Plan};
use super::forks::{Manner, Origin};
use super::item::{Failure, ItemId, Waiting};
use super::rewind::Rewind;
use super::undo::Deed;
use crate::graph::Limits;
use crate::nodes::{Bill, Bound, Key, Metrics, Reservation};
use crate::vocabulary::{
    Durable, Hash, Name, Payload, Reference, Timestamp, WorkflowId, Workplace,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a workflow is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Command {
    /// Come into being, and begin the first run.
    StartWorkflow(Box<Order>),
    /// Begin another run on the same state.
    StartRun {
        /// With what.
        run: Input,
        /// What happens to one that is under way.
        on_running: OnRunning,
    },
    /// An attempt at an item has come to something.
    ReportItem {
        /// Which.
        item: ItemId,
        /// To what.
        outcome: Outcome,
        /// What the step comes to, where this was the last of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        plan: Option<Plan>,
    },
    /// A tool is called for an item that is not to be called again.
    BeginCall {
        /// Which.
        item: ItemId,
        /// The tool.
        tool: String,
    },
    /// All nodes of a step have finished: this is what it comes to.
    CommitStep {
        /// Which.
        step: u32,
        /// What.
        plan: Plan,
    },
    /// The step cannot be brought to an end.
    RefuseStep {
        /// Which.
        step: u32,
        /// Why not.
        failure: Failure,
    },
    /// Whoever worked at an item does not any more.
    ReportStopped {
        /// Which.
        item: ItemId,
        /// What they took.
        #[serde(default)]
        spent: Metrics,
    },
    /// The run has taken as long as it may.
    EndRun {
        /// Which.
        run: u32,
        /// Why.
        failure: Failure,
    },
    /// What is wanted of its lineage's budget: it is the root.
    Reserve(Box<Reservation>),
    /// What has come of that.
    Settle {
        /// Which reservation.
        key: Key,
        /// What.
        bill: Bill,
    },
    /// Other bounds are above it: its parent was tried again.
    Bind {
        /// Those.
        bounds: Vec<Bound>,
    },
    /// The run has taken as long as it may, and a person is to be asked for more.
    AskForTime {
        /// Which.
        run: u32,
    },
    /// A person has answered.
    Answer {
        /// Which question.
        interrupt_id: Name,
        /// What.
        answer: Value,
        /// Who.
        by: String,
    },
    /// Begin nothing new.
    Pause {
        /// Who wants it.
        by: String,
    },
    /// Go on.
    Resume {
        /// Who wants it.
        by: String,
    },
    /// Try again what has failed.
    Retry {
        /// Who wants it.
        by: String,
    },
    /// Stop for good.
    Cancel {
        /// Who wants it.
        by: String,
    },
    /// Stop for good, and undo what the run did; also where it has ended already.
    CancelAndUndo {
        /// Who wants it.
        by: String,
    },
    /// Undo all that was ever done: the node is undone that this workflow carried out.
    Undo {
        /// Who wants it.
        by: String,
        /// Why, as expressions read it.
        error: Value,
    },
    /// This is how something is undone.
    BeginUndo {
        /// Behind which step.
        step: u32,
        /// What.
        deed: Deed,
        /// The node that does it.
        next: Next,
    },
    /// Go back to a checkpoint.
    Rewind(Box<Rewind>),
    /// Begin nothing new until the parent goes on.
    Hold,
    /// Go on, if only the parent's pause is why not.
    Release,
    /// A subgraph was told to pause, or to go on.
    ReportSteered {
        /// Whose.
        item: ItemId,
        /// Which pause of its parent it is about.
        pause: u32,
    },
}

/// A workflow to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// Which definition of the bundle.
    pub definition: String,
    /// What it is pinned to: the bundle.
    pub bundle: Durable<Reference>,
    /// What the client said, hashed before any default was filled in: a request that comes again is known by it.
    pub asked: Hash,
    /// The workflow whose node it carries out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Parent>,
    /// By which runtime its agents' models are asked, where nothing else is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// How urgent its processes are.
    #[serde(default)]
    pub priority: i32,
    /// How far each of its runs may go.
    #[serde(default)]
    pub limits: Limits,
    /// Its first run.
    pub run: Input,
    /// How its agents are asked, where that is not as it is written.
    #[serde(default, skip_serializing_if = "Manner::is_plain")]
    pub manner: Manner,
    /// In which folder its agents work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workplace: Option<Box<Workplace>>,
    /// Where it begins, if it begins where another workflow stood.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Box<Origin>>,
}

/// The workflow whose node another one carries out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Parent {
    /// Which.
    pub workflow_id: WorkflowId,
    /// The one at the beginning of it all.
    pub root_id: WorkflowId,
    /// Which of its items.
    pub item: ItemId,
    /// Under which limits that stands, the innermost first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bounds: Vec<Bound>,
}

/// What a run begins with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// What it was given, with what the definition adds.
    pub input: Payload,
    /// What that writes to the state.
    pub writes: Payload,
    /// How many bytes that is.
    pub bytes: u64,
    /// Where it begins, where the state was known on which it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Next>,
}

/// What happens to a run that is under way when another is to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnRunning {
    /// It goes on; the other is refused.
    #[default]
    Reject,
    /// It goes on; the other waits for its end.
    Enqueue,
    /// It ends where it stands; the other begins there.
    Interrupt,
    /// It is as if it had never been; the other begins where it began.
    Rollback,
}

/// What an attempt at an item has come to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is done.
    Done {
        /// What came of it.
        output: Payload,
        /// What it took.
        #[serde(default)]
        spent: Metrics,
    },
    /// It was in vain.
    Failed {
        /// Why.
        failure: Failure,
        /// What it took.
        #[serde(default)]
        spent: Metrics,
    },
    /// A person has to be asked.
    Ask {
        /// What.
        question: String,
        /// What the answer has to look like.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answer: Option<Value>,
        /// Until when it may be answered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deadline: Option<Timestamp>,
    },
    /// Something has to be waited for.
    Wait {
        /// What.
        until: Waiting,
        /// Until when it may be.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deadline: Option<Timestamp>,
    },
}

/// Why a workflow refuses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum Refusal {
    /// It is there already.
    #[error("this workflow exists already")]
    Exists,
    /// It is not there.
    #[error("there is no such workflow")]
    Unknown,
    /// Its state does not allow it.
    #[error("the workflow is {status}: {hint}")]
    Not {
        /// Its state.
        status: String,
        /// What to do.
        hint: String,
    },
    /// It is not any more where it was when somebody looked.
    #[error(
        "the workflow has taken another course since it was looked at: look at it again, then ask again"
    )]
    MovedOn,
    /// There is no such question, or it is answered.
    #[error("no question {0} is open: GET the workflow to see which are")]
    NoSuchInterrupt(Name),
    /// The answer is none.
    #[error("the answer does not fit the question: {0}")]
    BadAnswer(String),
    /// A limit is in the way.
    #[error("{0}")]
    Limit(String),
    /// The news is about work that is not open.
    #[error("no work at {0} is open")]
    NotOpen(String),
}
