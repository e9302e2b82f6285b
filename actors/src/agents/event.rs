//! What has happened to an agent.

use super::command::{Changes, Letter, Outcome, Registration};
use super::state::Status;
use crate::vocabulary::{AgentId, ProcessId, SessionId, Timestamp, Topic};
use serde::{Deserialize, Serialize};

/// What has happened to an agent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
#[expect(
    missing_docs,
    reason = "the fields are those of the commands, with the agent and the moment"
)]
pub enum Event {
    /// It came into being, or came back.
    #[serde(rename = "AGENT_REGISTERED")]
    Registered {
        agent_id: AgentId,
        #[serde(flatten)]
        registration: Registration,
        at: Timestamp,
    },
    /// It is described otherwise.
    #[serde(rename = "AGENT_UPDATED")]
    Updated {
        agent_id: AgentId,
        #[serde(flatten)]
        changes: Changes,
        at: Timestamp,
    },
    /// It is gone; its past stays.
    #[serde(rename = "AGENT_UNREGISTERED")]
    Unregistered { agent_id: AgentId, by: String, at: Timestamp },
    /// A connection speaks for it.
    #[serde(rename = "AGENT_CONNECTED")]
    Connected { agent_id: AgentId, connection: String, at: Timestamp },
    /// Its connection does no more.
    #[serde(rename = "AGENT_DISCONNECTED")]
    Disconnected { agent_id: AgentId, connection: String, why: String, at: Timestamp },
    /// A process runs on its behalf.
    #[serde(rename = "AGENT_PROCESS_BEGUN")]
    ProcessBegun { agent_id: AgentId, process_id: ProcessId, session_id: SessionId, at: Timestamp },
    /// A process runs no more.
    #[serde(rename = "AGENT_PROCESS_ENDED")]
    ProcessEnded { agent_id: AgentId, process_id: ProcessId, outcome: Outcome, at: Timestamp },
    /// A message lies in its mailbox.
    #[serde(rename = "AGENT_MESSAGE")]
    Messaged {
        agent_id: AgentId,
        #[serde(flatten)]
        letter: Letter,
        at: Timestamp,
    },
    /// It is something else than before.
    #[serde(rename = "AGENT_STATE_CHANGE")]
    StateChanged { agent_id: AgentId, from: Status, to: Status, at: Timestamp },
}

impl Event {
    /// Where it is published.
    pub(super) fn topic(&self) -> Topic {
        Topic::of(match self {
            Self::Registered { .. } => "agent.registered",
            Self::Updated { .. } => "agent.updated",
            Self::Unregistered { .. } => "agent.unregistered",
            Self::Connected { .. } => "agent.connected",
            Self::Disconnected { .. } => "agent.disconnected",
            Self::ProcessBegun { .. } => "agent.process_begun",
            Self::ProcessEnded { .. } => "agent.process_ended",
            Self::Messaged { .. } => Self::MESSAGE,
            Self::StateChanged { .. } => "agent.state_change",
        })
    }

    /// Where messages to agents are published, below the root.
    pub const MESSAGE: &'static str = "agent.message";
}
