//! The service that looks through the database from time to time.

use crate::journal::Journal;
use crate::supervision::{Lifeline, Shutdown};
use actix::{Actor, ActorContext, AsyncContext, Context, Handler, WrapFuture};
use std::time::Duration;

/// Has the journal look whether its database is whole; the journal says what it finds.
pub(super) struct Checker {
    pub(super) journal: Journal,
    pub(super) _lifeline: Lifeline,
}

impl Checker {
    /// A start has better things to do.
    const FIRST: Duration = Duration::from_mins(1);
    const EVERY: Duration = Duration::from_hours(24);

    fn check(&mut self, ctx: &mut Context<Self>) {
        let journal = self.journal.clone();
        let work = async move {
            if let Err(fault) = journal.check_integrity().await {
                tracing::warn!(%fault, "failed to look through the database");
            }
        };
        ctx.spawn(work.into_actor(self));
        ctx.run_later(Self::EVERY, Self::check);
    }
}

impl Actor for Checker {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.run_later(Self::FIRST, Self::check);
    }
}

impl Handler<Shutdown> for Checker {
    type Result = ();

    fn handle(&mut self, _: Shutdown, ctx: &mut Self::Context) {
        ctx.stop();
    }
}
