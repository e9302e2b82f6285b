//! The process's machine, asked everything in every state.

mod attempts;
mod fallbacks;
mod kit;
mod machine;
mod stored;
