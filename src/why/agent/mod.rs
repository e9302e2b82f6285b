//! Why an agent is as it is: what runs for it, who speaks for it, what waits in its mailbox, what it has paid
//! for. `explain.rs` chooses by its status.

mod explain;
mod mailbox;
mod past;
mod story;

mod absent;
mod busy;
mod present;

pub(super) use explain::explain;
pub(super) use story::event;
