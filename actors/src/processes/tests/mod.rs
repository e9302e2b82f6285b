//! The process's machine, asked everything in every state.

mod attempts;
mod kit;
mod machine;
mod stored;
