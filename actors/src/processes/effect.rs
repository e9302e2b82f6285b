//! What a process wants of the world.

use super::pinned::Pinned;
use super::site::Site;
use crate::vocabulary::{AgentId, ProcessId, Reference, SessionId};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What a process wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Have the model asked.
    RunAttempt(Attempt),
    /// See that nobody executes the attempt any more.
    StopAttempt(Attempt),
    /// Have the answer taken into the session.
    RecordTurn {
        /// Whose answer.
        process_id: ProcessId,
        /// Of which attempt.
        attempt: u32,
        /// Into which session.
        session_id: SessionId,
        /// Who speaks.
        agent_id: Option<AgentId>,
        /// The answer.
        spool: crate::vocabulary::Durable<Reference>,
        /// The attempt that gave it, if its program may have worked on files: they are taken over first.
        worked: Option<Box<Attempt>>,
    },
    /// Have the prompt moved to the archive and the spool removed.
    Archive {
        /// Whose.
        process_id: ProcessId,
        /// The prompt.
        prompt: Reference,
        /// The attempt whose spool may go; 0: there is none.
        attempt: u32,
    },
}

/// One try.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// Of which process.
    pub process_id: ProcessId,
    /// Which try, from 1.
    pub number: u32,
    /// What the model is asked.
    pub prompt: Reference,
    /// What else it is asked with.
    #[serde(default)]
    pub pinned: Pinned,
    /// By which runtime.
    pub runtime: String,
    /// Which model.
    pub model: String,
    /// In which conversation.
    pub session_id: SessionId,
    /// On whose behalf.
    pub agent_id: Option<AgentId>,
    /// The part that the asker plays: the profile of its agent.
    pub profile: Option<String>,
    /// The folder in which a program works; `None`: that of its runtime.
    pub workdir: Option<PathBuf>,
    /// The folder of its workflow, on a copy of which a program works; `None`: it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<Box<Site>>,
    /// How long it may take, in seconds.
    pub timeout_s: u32,
    /// An executor has reported that it began: whoever finds nobody at work does not begin anew.
    #[serde(default)]
    pub is_started: bool,
}
