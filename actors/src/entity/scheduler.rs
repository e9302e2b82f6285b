//! [`Scheduler`]: wakes the entities of a kind whose time has come: at the start those with open work,
//! later those whose timers fall due. A million sleeping timers cost a row each and no memory.

use super::Directory;
use crate::machine::Machine;
use crate::supervision::{Lifeline, Shutdown};
use crate::vocabulary::{Name, Timestamp};
use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, WrapFuture};
use std::time::Duration;

/// The service that wakes a kind's entities.
pub struct Scheduler<M: Machine> {
    directory: Directory<M>,
    _lifeline: Lifeline,
}

/// What one look into the table found.
type Found = (Vec<Name>, Option<Timestamp>);

impl<M: Machine> Scheduler<M> {
    /// At most this many are woken at once.
    const STEP: usize = 1_000;
    /// It looks at least this often: timers may have been set meanwhile.
    const LOOK_EVERY: Duration = Duration::from_secs(1);

    /// A scheduler for this directory.
    pub fn new(directory: Directory<M>, lifeline: Lifeline) -> Self {
        Self { directory, _lifeline: lifeline }
    }

    fn look(&mut self, ctx: &mut Context<Self>) {
        let reader = self.directory.journal().reader().clone();
        let now = self.directory.journal().clock().now();
        let looking = async move {
            let due = reader.due(M::KIND, now, Self::STEP).await?;
            Ok((due, reader.next_due(M::KIND, now).await?))
        };
        ctx.spawn(looking.into_actor(self).map(move |result, scheduler: &mut Self, ctx| {
            let next = match result {
                Ok(found) => scheduler.wake(found, now),
                Err::<Found, crate::journal::Fault>(fault) => {
                    tracing::warn!(%fault, kind = M::KIND, "failed to look for what is due");
                    Self::LOOK_EVERY
                }
            };
            ctx.run_later(next, Self::look);
        }));
    }

    /// Wakes what is due and says how long to wait until the next look.
    fn wake(&self, (due, next): Found, now: Timestamp) -> Duration {
        for name in &due {
            self.directory.rouse(name);
        }
        next.map_or(Self::LOOK_EVERY, |next| next.since(now).min(Self::LOOK_EVERY))
    }
}

impl<M: Machine> Actor for Scheduler<M> {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.look(ctx);
    }
}

impl<M: Machine> Handler<Shutdown> for Scheduler<M> {
    type Result = ();

    fn handle(&mut self, _: Shutdown, ctx: &mut Self::Context) {
        ctx.stop();
    }
}
