//! What is ordered of an entity: it waits in the slot until the entity carries it out.

use crate::journal::{Committed, Fault};
use tokio::sync::oneshot;

/// What an operator, or the host itself, wants of an entity rather than of its machine.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) what: What,
    pub(super) by: String,
    pub(super) reply: Reply,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// Keep it from acting, for this reason.
    Park(String),
    Resume,
    Retry,
    Skip,
    Fail,
    /// End this incarnation; the next is rebuilt from the journal.
    Reload,
    /// Read the stream anew.
    Refresh,
}

/// Where it is answered that an order was carried out, or why not.
pub(super) type Reply = Option<oneshot::Sender<Result<(), String>>>;

pub(super) fn tell(reply: Reply, result: Result<(), String>) {
    // Whoever asked may have gone.
    reply.map(|reply| reply.send(result));
}

pub(super) fn done(result: &Result<Committed, Fault>) -> Result<(), String> {
    result.as_ref().map(|_| ()).map_err(ToString::to_string)
}
