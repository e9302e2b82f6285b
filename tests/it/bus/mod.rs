//! The bus from outside: publishing, durable subscriptions, dead letters, shared state.

mod dead;
mod proof;
mod publish;
mod refusals;
mod state;
mod subscriptions;
