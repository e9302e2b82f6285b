//! Workflows and their nodes: what they wait for, why they failed, and what unblocks them.

mod budget;
mod commands;
mod ended;
mod explain;
mod node;
mod past;
mod story;
mod under_way;

pub(super) use explain::explain;
pub(super) use node::{event as node_event, explain as explain_node};
pub(super) use story::event;
