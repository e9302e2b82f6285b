//! What a node wants of the world.

use super::command::Order;
use super::purse::Budget;
use crate::vocabulary::{NodeId, ProcessId, SessionId};

/// What a node wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Have the model asked, by a process.
    RunTurn(Box<Turn>),
    /// See that the turn's process ends.
    StopTurn {
        /// Whose.
        node_id: NodeId,
        /// Which turn.
        turn: u32,
        /// Its process.
        process_id: ProcessId,
        /// Where it is settled.
        budget: Option<Budget>,
        /// Who wants it.
        by: String,
    },
}

/// One turn: the model is asked once, however many attempts its process needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// Whose.
    pub node_id: NodeId,
    /// Which, from 1.
    pub number: u32,
    /// The process that asks.
    pub process_id: ProcessId,
    /// What is to be done.
    pub order: Order,
    /// In which conversation; `None`: the process's own.
    pub session_id: Option<SessionId>,
    /// What is asked.
    pub ask: Ask,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub enum Ask {
    /// What the order says.
    Work,
    /// That the last answer be mended.
    Mend {
        /// What was wrong with it.
        violations: String,
    },
}
