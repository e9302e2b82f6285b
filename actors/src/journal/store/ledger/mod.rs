//! The ledger's SQL: [`enter`] writes, the rest reads.

mod read;
mod write;

pub(crate) use read::{
    dead, mark, messages_at, pending, remembered, state, states, subscription, subscriptions,
};
pub(crate) use write::{Desk, enter, forget_keys};
