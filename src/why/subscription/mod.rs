//! Why a subscription is as it is: what waits behind its cursor and for whom, what was delivered in vain, and
//! whether its cursor is worth anything. An agent's mailbox is one, too.

mod explain;
mod paused;
mod redelivered;
mod state;
mod waiting;

pub(super) use explain::explain;
pub(super) use paused::{resume, words as paused};
pub(super) use redelivered::{in_words, redrives};
pub(super) use state::State;
