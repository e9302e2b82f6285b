//! The words of the command line. Parsing only: what a command does is written elsewhere.

mod agents;
mod chat;
mod config;
mod help;
mod inspect;
mod memory;
mod operate;
mod root;
mod rules;
mod schedules;
mod spawn;
mod travel;
mod workflows;

#[cfg(test)]
mod tests;

pub use agents::{Agents, ListAgents, Register, SendMessage};
pub use chat::{Chat, ChatCommand};
pub use config::{ConfigCommand, Metrics, Set, Side};
pub use inspect::{JournalCommand, Messages, Ps, Sessions, Status, Step, Tree};
pub use memory::{Memory, MemoryCommand, SearchMemory, StoreMemory};
pub use operate::{Operate, Verb};
pub use root::{Arguments, Command, Global, Serve};
pub use rules::{Audit, Output, Rules};
pub use schedules::{ListSchedules, Missed, Overlap, Schedule, Timetable, What, When};
pub use spawn::{Parameter, Spawn};
pub use travel::{Attended, Compare, Files, Fork, Replay, Undo};
pub use workflows::{
    CheckWorkflows, GraphFormat, ListWorkflows, OnRunning, Run, Workflows, WorkflowsCommand,
};
