//! The root's ledger: what fits, what waits, what is asked and what is refused, and that no order of events passes a limit.

mod kit;
mod order;
mod pace;
mod room;
mod tools;
