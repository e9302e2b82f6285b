//! [`Entity`]: the actor that hosts a machine.
//!
//! | phase | what it waits for | next |
//! |---|---|---|
//! | Loading | its stream, read from the journal | Idle, Parked |
//! | Idle | a sign that its slot holds something | Appending |
//! | Appending | the commit | Idle; Loading after a fault; Parked |
//! | Parked | an operator | Loading |
//!
//! Each phase has a file of its own: `loading`, `deciding`, `appending`, `parking`; here is what they
//! share. It never waits for another entity: telling one is an effect, in a task of its own.

use super::directory::Directory;
use super::effects;
use super::life::{Life, Wants};
use super::slot::{Presence, Wake};
use super::told::Told;
use crate::journal::Parked;
use crate::machine::{Machine, Perform};
use crate::supervision::{Lifeline, Shutdown};
use crate::vocabulary::{Name, Position, Timestamp};
use actix::{Actor, ActorContext, AsyncContext, Context, Handler, SpawnHandle};
use std::rc::Rc;
use std::time::Duration;

/// How long an entity whose story is over stays awake: whoever goes on with it at once does not have it read anew, and
/// of thousands that end each second not all are in memory.
const EPILOGUE: Duration = Duration::from_millis(50);

/// The actor of one stream.
pub(super) struct Entity<M: Machine, P: Perform<M>> {
    pub(super) name: Name,
    pub(super) directory: Directory<M>,
    performer: Rc<P>,
    pub(super) phase: Phase<M>,
    /// The machine has panicked while it was being rebuilt.
    pub(super) panicked_in_rebuild: bool,
    pub(super) failed_loads: u32,
    /// Rings when the next want falls due.
    alarm: Option<(Timestamp, SpawnHandle)>,
    /// Rings when it has been idle for long enough.
    pub(super) drowsy: Option<SpawnHandle>,
    _lifeline: Lifeline,
}

/// What it is doing.
pub(super) enum Phase<M: Machine> {
    Loading,
    Idle(Life<M>),
    Appending,
    /// Kept from acting; its stream ends at this position.
    Parked(Parked, Position),
}

impl<M: Machine, P: Perform<M>> Entity<M, P> {
    pub(super) fn new(
        name: Name,
        directory: Directory<M>,
        performer: Rc<P>,
        lifeline: Lifeline,
    ) -> Self {
        Self {
            name,
            directory,
            performer,
            phase: Phase::Loading,
            panicked_in_rebuild: false,
            failed_loads: 0,
            alarm: None,
            drowsy: None,
            _lifeline: lifeline,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.directory.journal().clock().now()
    }

    // ---- Idle, between batches ----

    /// Brings what runs in line with what is wanted. Then it is idle, or about to be parked.
    pub(super) fn reconcile(&mut self, life: Life<M>, wants: Wants<M>, ctx: &mut Context<Self>) {
        let (directory, performer, now) = (&self.directory, &self.performer, self.now());
        let rest = effects::reconcile(directory, performer, &self.name, (&life, wants), now);
        if let Some((_, alarm)) = self.alarm.take() {
            ctx.cancel_future(alarm);
        }
        if let Some(key) = rest.spent {
            let outcome = effects::outcome_id::<M>(&self.name, &key);
            if let Some((id, command)) = life.instead_of(&self.name, &key, outcome) {
                self.directory.tell_oneself(&self.name, Told::unasked(id, command));
                self.phase = Phase::Idle(life);
                return;
            }
            let why = format!("{key} is wanted, but its outcome stands in the journal already");
            return self.park(life.head, "stuck", why, None, None, ctx);
        }
        self.alarm = rest.next.map(|due| (due, ctx.run_later(due.since(now), Self::due)));
        self.phase = Phase::Idle(life);
    }

    /// A want has fallen due.
    fn due(&mut self, ctx: &mut Context<Self>) {
        self.alarm = None;
        match std::mem::replace(&mut self.phase, Phase::Appending) {
            Phase::Idle(life) => match life.wants() {
                Ok(wants) => self.reconcile(life, wants, ctx),
                Err(_) => self.load(ctx),
            },
            // Whatever comes next reconciles.
            phase => self.phase = phase,
        }
    }

    /// Goes to sleep if nothing comes for a while and nothing is open.
    pub(super) fn rest(&mut self, ctx: &mut Context<Self>) {
        if self.drowsy.is_none() {
            let is_over = matches!(&self.phase, Phase::Idle(life) if life.is_over());
            let idle = self.directory.settings().idle;
            let wait = if is_over { idle.min(EPILOGUE) } else { idle };
            self.drowsy = Some(ctx.run_later(wait, Self::fall_asleep));
        }
    }

    fn fall_asleep(&mut self, ctx: &mut Context<Self>) {
        self.drowsy = None;
        let is_free = matches!(self.phase, Phase::Idle(_) | Phase::Parked(..));
        // A want that falls due soon is awaited; for later ones the scheduler wakes it.
        let soon = self.now().after(self.directory.settings().idle);
        let is_free = is_free && self.alarm.as_ref().is_none_or(|(due, _)| *due > soon);
        if is_free && self.directory.leave(&self.name) {
            ctx.stop();
        } else {
            self.rest(ctx);
        }
    }
}

impl<M: Machine, P: Perform<M>> Actor for Entity<M, P> {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let actor = ctx.address().recipient();
        let is_fresh = self.directory.with(&self.name, |slot| {
            slot.presence = Presence::Here(actor);
            std::mem::take(&mut slot.is_fresh)
        });
        if is_fresh {
            self.come_to_life(Life::default(), Wants::<M>::new(), ctx);
        } else {
            self.load(ctx);
        }
    }
}

impl<M: Machine, P: Perform<M>> Handler<Wake> for Entity<M, P> {
    type Result = ();

    fn handle(&mut self, _: Wake, ctx: &mut Self::Context) {
        self.proceed(ctx);
    }
}

/// Its hosts ask it to end. Nothing is lost: what waits stays in the slot, what was told is journaled.
impl<M: Machine, P: Perform<M>> Handler<Shutdown> for Entity<M, P> {
    type Result = ();

    fn handle(&mut self, _: Shutdown, ctx: &mut Self::Context) {
        ctx.stop();
    }
}
