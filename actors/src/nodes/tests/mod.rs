//! The node's machine: every transition, what it wants, what it keeps, and that its past makes it again.

mod kit;
mod machine;
mod stored;
mod turns;
