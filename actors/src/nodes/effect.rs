//! What a node wants of the world.

use super::command::{Called, Order};
use super::purse::Budget;
use crate::vocabulary::{NodeId, Payload, ProcessId, SessionId};

/// What a node wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Have the model asked, by a process.
    RunTurn(Box<Turn>),
    /// Have a tool called.
    CallTool(Box<Call>),
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
    /// That it go on with what its calls came to.
    Results(Vec<Told>),
}

/// What a call came to, for the model that made it.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The call.
    pub call: Called,
    /// What it gave; or what went wrong, in words.
    pub result: Payload,
    /// It went wrong.
    pub is_error: bool,
}

/// A call to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Whose.
    pub node_id: NodeId,
    /// Of which turn.
    pub turn: u32,
    /// Which of its calls, from 0.
    pub index: u32,
    /// For what work.
    pub order: Order,
    /// What is called.
    pub call: Called,
    /// It was begun before, and is not to be made again.
    pub is_begun: bool,
}
