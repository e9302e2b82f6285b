//! What an agent is asked, and why it may refuse.

use crate::vocabulary::{Name, ProcessId, SessionId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What an agent is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Command {
    /// Come into being, or come back.
    Register(Registration),
    /// Be described otherwise.
    Update(Changes),
    /// Go. The stream stays.
    Unregister {
        /// Who wants it.
        by: String,
    },
    /// A connection speaks for it.
    Connect {
        /// Which connection.
        connection: String,
    },
    /// A connection does no more.
    Disconnect {
        /// Which connection.
        connection: String,
        /// What happened.
        why: String,
    },
    /// A process runs on its behalf.
    BeginProcess {
        /// Which process.
        process_id: ProcessId,
        /// In which conversation.
        session_id: SessionId,
    },
    /// A process runs no more.
    EndProcess {
        /// Which process.
        process_id: ProcessId,
        /// How it came out.
        outcome: Outcome,
    },
    /// Take a message into the mailbox.
    Receive(Letter),
}

/// Who it is to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Registration {
    /// Its profile, by name.
    pub profile: String,
    /// What people call it.
    pub display_name: String,
    /// What it can do.
    pub capabilities: Vec<String>,
    /// What it may do, for rules to read.
    pub permissions: Map<String, Value>,
}

/// What changes of an agent; `None`: stays.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are those of a registration")]
pub struct Changes {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Map<String, Value>>,
}

/// How a process came out, as far as its agent is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum Outcome {
    /// With an answer.
    Completed {
        /// Tokens that went in.
        tokens_in: u64,
        /// Tokens that came out.
        tokens_out: u64,
        /// US dollars; `None`: the model's price is not known.
        cost_usd: Option<f64>,
        /// How long the attempt took, in milliseconds.
        duration_ms: u64,
    },
    /// Without one, for good.
    Failed,
    /// Because somebody wanted it so.
    Cancelled,
    /// Not yet: it waits for another attempt.
    Waiting,
    /// Nobody knows: it waits for an operator, and nothing runs meanwhile.
    Unknown,
}

/// A message to an agent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Letter {
    /// Who sends it: an agent or a client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Name>,
    /// What kind of message, in the sender's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_type: Option<String>,
    /// What it belongs to, in the sender's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// What it says, small.
    pub data: Value,
}

/// Why an agent refuses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum Refusal {
    /// It is registered already.
    #[error("this agent is registered already: change it, or unregister it first")]
    Exists,
    /// It never was.
    #[error("there is no such agent: register it first")]
    Unknown,
    /// It is no more.
    #[error("this agent is unregistered: register it again first")]
    Unregistered,
}
