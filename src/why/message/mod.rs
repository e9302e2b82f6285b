//! Why a message is as it is: what a command brought about or why it was refused, and which command an
//! event goes back to.

mod about;
mod command;
mod deliveries;
mod explain;
mod others;

pub(super) use explain::explain;
