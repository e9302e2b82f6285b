//! `why`, for every situation it names: provoked on the real app, asked over HTTP and on the command line,
//! and compared whole. Every command that it suggests is checked, and most are carried out.
//!
//! | why it | where |
//! |---|---|
//! | runs, is suspended, was lost with its server | `runs` |
//! | waits: for a place, its session, a retry, the service that admits; is held; its runtime is gone | `queues` |
//! | was answered and paid for, is dead, out of time, cancelled, redriven | `ends` |
//! | was parked by a panic, or over a journal that cannot be read | `parked` |
//! | speaks, waits, is parked, goes on without a turn (a session) | `sessions` |
//! | is at rest, connected, at work, suspended, gone; has mail, dead letters; has paid (an agent) | `agents` |
//! | is behind, in somebody's hands, has dead letters, is of another epoch (a subscription) | `subscriptions` |
//! | was refused, carried out, published; waits to be handled (a message) | `messages`, `subscriptions` |
//! | was restarted after a panic, taken along, stopped (a service) | `actors` |
//! | the same without a server | `homes`, and in most others |
//! | waits for an operator, is being cancelled, has ended without a server | `tests/shim/why.rs` |

mod commands;
mod kit;
mod plain;

mod actors;
mod agents;
mod ends;
mod homes;
mod messages;
mod parked;
mod queues;
mod runs;
mod sessions;
mod subscriptions;
mod unknown;
