//! What a session is asked, and why it may refuse.

use crate::vocabulary::{AgentId, Durable, ProcessId, Reference, SessionId};
use serde::{Deserialize, Serialize};

/// What a session is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Command {
    /// Take an answer into the conversation.
    AppendTurn {
        /// Whose answer.
        process_id: ProcessId,
        /// Of which attempt.
        attempt: u32,
        /// Who speaks.
        agent_id: Option<AgentId>,
        /// The line to be written, as it lies in the attempt's folder.
        spool: Durable<Reference>,
    },
    /// Begin with what was said in another session, unless something was said here already.
    Branch {
        /// In which.
        from: SessionId,
        /// How much of its file, in bytes.
        bytes: u64,
    },
    /// The line stands in the file.
    ReportLine {
        /// Of which turn, from 1.
        number: u64,
        /// The line.
        line: Durable<Reference>,
        /// How long the file is with it, in bytes.
        length: u64,
    },
    /// Go on without a turn, whose line could not be written: an operator has skipped it.
    SkipTurn {
        /// Which turn.
        number: u64,
        /// Who wants it.
        by: String,
    },
    /// The line cannot be written: the file is shorter than what was committed, or the answer is gone.
    ReportDamage {
        /// Of which turn.
        number: u64,
        /// What was found.
        why: String,
    },
}

/// Why a session refuses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum Refusal {
    /// The line that was reported is not the one that is next.
    #[error("line {got} was reported, but line {next:?} is next")]
    OutOfOrder {
        /// What was reported.
        got: u64,
        /// What is next, if a turn waits at all.
        next: Option<u64>,
    },
    /// The session's file or the answer is damaged.
    #[error("line {number} cannot be written: {why}")]
    Damaged {
        /// Which line.
        number: u64,
        /// What was found.
        why: String,
    },
}
