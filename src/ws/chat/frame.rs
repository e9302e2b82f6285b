//! What a client hears. `config/chat.schema.json` describes each; tests hold every frame against it.

use callboard_actors::nodes::Metrics;
use callboard_actors::vocabulary::{
    Hash, Name, Payload, Position, ProcessId, Reference, Timestamp, WorkflowId,
};
use callboard_actors::workflows::Waiting;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// A message of the journal, told.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    /// Where it stands: the cursor.
    pub(super) position: Position,
    /// When it was written.
    pub(super) at: Timestamp,
    #[serde(flatten)]
    pub(super) what: What,
}

/// What a message says.
#[derive(Debug, Serialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub(super) enum What {
    /// A run of the thread has begun.
    RunStarted {
        run: u32,
        #[serde(flatten)]
        input: Held,
    },
    /// A step is done, and these nodes are next.
    Step { path: String, step: u32, next: BTreeSet<String> },
    /// What has become of a node, or of one element of its list.
    Node {
        path: String,
        step: u32,
        status: &'static str,
        #[serde(flatten)]
        more: NodeMore,
    },
    /// A model is being asked: its words follow.
    Turn { path: String, turn: u32, process: ProcessId },
    /// It has answered, and that took this.
    Cost {
        path: String,
        turn: u32,
        process: ProcessId,
        tokens_in: u64,
        tokens_out: u64,
        cost_usd: Option<f64>,
        duration_ms: u64,
        /// Why the answer is not what it has to be; it will be asked again.
        #[serde(skip_serializing_if = "Option::is_none")]
        violations: Option<String>,
    },
    /// A model calls a tool.
    ToolCall {
        path: String,
        turn: u32,
        index: u32,
        name: String,
        #[serde(flatten)]
        arguments: Held,
    },
    /// The call has come to this.
    ToolResult {
        path: String,
        turn: u32,
        index: u32,
        name: String,
        is_error: bool,
        #[serde(flatten)]
        result: Held,
    },
    /// Files were changed.
    FileChange {
        path: String,
        tool: String,
        number: u32,
        files: Vec<File>,
        /// How many are not listed.
        #[serde(skip_serializing_if = "is_zero")]
        more: usize,
    },
    /// A person is asked.
    Question(Question),
    /// The question is settled.
    Answered {
        interrupt_id: Name,
        by: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<Value>,
    },
    /// How the thread, or a subgraph, stands has changed.
    Status {
        path: String,
        status: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        by: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// The run has come to its end.
    RunEnded {
        run: u32,
        status: &'static str,
        #[serde(flatten)]
        output: Held,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
        spent: Metrics,
    },
}

/// What is said of a node beside its status.
#[derive(Debug, Default, Serialize)]
pub(super) struct NodeMore {
    /// How many elements its list has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) items: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) spent: Option<Metrics>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
    /// Another node takes over.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_caught: bool,
    /// When it is tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) due: Option<Timestamp>,
    /// What it waits for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) until: Option<Waiting>,
}

/// A question that is open.
#[derive(Debug, Serialize)]
pub(super) struct Question {
    pub(super) path: String,
    pub(super) interrupt_id: Name,
    #[serde(rename = "question")]
    pub(super) words: String,
    /// What the answer has to look like: a JSON Schema; `null`: anything will do.
    pub(super) schema: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) deadline: Option<Timestamp>,
}

/// What was done to a file.
#[derive(Debug, Serialize)]
pub(super) struct File {
    pub(super) path: String,
    /// What was there; `null`: nothing.
    pub(super) before: Option<Hash>,
    /// What is there now; `null`: nothing.
    pub(super) after: Option<Hash>,
    /// As `diff -u` shows it; `null`: it is no text, too long, or no longer known.
    pub(super) diff: Option<String>,
}

/// A value under a name; a large one by reference, under the name with `_file`.
#[derive(Debug)]
pub(super) struct Held {
    name: &'static str,
    value: Result<Value, Reference>,
}

impl Held {
    /// As it stands in the message.
    pub(super) fn of(name: &'static str, payload: Payload) -> Self {
        let value = match payload {
            Payload::Inline(value) => Ok(value),
            Payload::File(file) => Err(Reference::clone(&file)),
        };
        Self { name, value }
    }

    /// Nothing.
    pub(super) fn none(name: &'static str) -> Self {
        Self { name, value: Ok(Value::Null) }
    }
}

impl Serialize for Held {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;
        let mut map = serializer.serialize_map(Some(1))?;
        match &self.value {
            Ok(value) => map.serialize_entry(self.name, value)?,
            Err(file) => map.serialize_entry(&format!("{}_file", self.name), file)?,
        }
        map.end()
    }
}

/// What is told of the session itself, or in answer to something.
#[derive(Debug, Serialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub(super) enum Reply<'a> {
    /// The thread, and where its telling begins.
    Opened(Box<Opened>),
    /// What was said is durable.
    Accepted { id: &'a Value, workflow_id: &'a WorkflowId, run: &'a Value, status: &'a str },
    /// Words of a model.
    Token {
        path: &'a str,
        process: &'a ProcessId,
        attempt: u32,
        offset: u64,
        next_offset: u64,
        text: &'a str,
    },
    /// Here I am.
    Pong { id: &'a Value },
    /// That cannot be done; the connection goes on.
    Error { id: &'a Value, problem: Value },
    /// That cursor is worth nothing any more.
    Gone { id: &'a Value, epoch: &'a str, detail: &'a str },
}

/// A thread as it stands when it is opened.
#[derive(Debug, Serialize)]
pub(super) struct Opened {
    pub(super) id: Value,
    pub(super) workflow_id: WorkflowId,
    /// Its definition's name.
    pub(super) workflow: String,
    /// How it stands; `null`: it has not begun.
    pub(super) status: Option<String>,
    /// Which run it is at; 0: none.
    pub(super) run: Value,
    /// Behind this position it is told.
    pub(super) after: Position,
    /// Up to here the journal goes now.
    pub(super) head: Position,
    pub(super) epoch: String,
    /// The property of the input that `text` goes to; `null`: none, `params` are needed.
    pub(super) text_input: Option<String>,
    /// The properties of the input that name its folder.
    pub(super) workspace_inputs: BTreeSet<String>,
    /// What a run is given: a JSON Schema.
    pub(super) input: Map<String, Value>,
    /// Those that are open now.
    pub(super) questions: Vec<Question>,
}

impl Told {
    /// As JSON text.
    pub(super) fn text(&self) -> String {
        // Strings, numbers and JSON values: it cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Reply<'_> {
    /// As JSON text.
    pub(super) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}
