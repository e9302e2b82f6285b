//! [`Scheduler`]: wakes the entities of a kind whose time has come: at the start those with open work,
//! later those whose timers fall due. A million sleeping timers cost a row each and no memory.

use super::directory::Directory;
use crate::journal::Fault;
use crate::machine::Machine;
use crate::supervision::{Lifeline, Shutdown};
use crate::vocabulary::Timestamp;
use actix::{Actor, ActorContext, ActorFutureExt, AsyncContext, Context, Handler, WrapFuture};
use std::time::Duration;
use tokio::time::Instant;

/// The service that wakes a kind's entities.
pub struct Scheduler<M: Machine> {
    directory: Directory<M>,
    /// Up to this moment everyone has been called; `None`: nobody has.
    called: Option<Timestamp>,
    /// How often the directory had asked for everyone when that was done last, and when.
    recalls: u64,
    recalled_at: Instant,
    _lifeline: Lifeline,
}

impl<M: Machine> Scheduler<M> {
    /// This many are read at once.
    const STEP: usize = 1_000;
    /// It looks at least this often: timers may have been set meanwhile.
    const LOOK_EVERY: Duration = Duration::from_secs(1);
    /// And this often at all that are due, also those that were called before.
    const RECALL_EVERY: Duration = Duration::from_mins(1);

    /// A scheduler for this directory.
    pub fn new(directory: Directory<M>, lifeline: Lifeline) -> Self {
        let (called, recalls, recalled_at) = (None, 0, Instant::now());
        Self { directory, called, recalls, recalled_at, _lifeline: lifeline }
    }

    fn look(&mut self, ctx: &mut Context<Self>) {
        let recalls = self.directory.recalls();
        if recalls != self.recalls || self.recalled_at.elapsed() >= Self::RECALL_EVERY {
            (self.called, self.recalls, self.recalled_at) = (None, recalls, Instant::now());
        }
        let now = self.directory.journal().clock().now();
        let looking = call_due(self.directory.clone(), self.called, now);
        ctx.spawn(looking.into_actor(self).map(move |next, scheduler: &mut Self, ctx| {
            let wait = match next {
                Ok(next) => {
                    scheduler.called = Some(now);
                    next.map_or(Self::LOOK_EVERY, |next| next.since(now).min(Self::LOOK_EVERY))
                }
                Err(fault) => {
                    tracing::warn!(%fault, kind = M::KIND, "failed to look for what is due");
                    Self::LOOK_EVERY
                }
            };
            ctx.run_later(wait, Self::look);
        }));
    }
}

/// Calls all whose time came after `called`; gives the moment when the next one is due.
async fn call_due<M: Machine>(
    directory: Directory<M>,
    called: Option<Timestamp>,
    now: Timestamp,
) -> Result<Option<Timestamp>, Fault> {
    let reader = directory.journal().reader();
    let mut from = Some((called.unwrap_or(Timestamp(i64::MIN)), i64::MAX));
    while let Some(place) = from {
        let (due, next) = reader.due(M::KIND, place, now, Scheduler::<M>::STEP).await?;
        for name in &due {
            directory.rouse(name);
        }
        from = next;
    }
    reader.next_due(M::KIND, now).await
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
