//! Starts an actor so that it cannot end unnoticed: the monitor owns the actor's future and writes on its lifeline.
//!
//! It polls under `catch_unwind`, and buries what is left with `terminate()` first: dropped otherwise, actix would run
//! `stopping` and `stopped` of an actor that has just panicked, where a second panic ends the program.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context as Cx, Poll};

use actix::dev::ContextFut;
use actix::dev::channel::{AddressReceiver, channel};
use actix::{Actor, ActorContext, Addr, Context};
use actix_rt::{Arbiter, ArbiterHandle};
use tokio::task::AbortHandle;

use super::{Exit, Lifeline};

/// The capacity actix gives a mailbox.
const MAILBOX: usize = 16;

/// An actor that was started: where to reach it, and the hold on its life.
#[derive(Debug)]
pub struct Started<A: Actor> {
    /// Its address; closed if the actor could not be made, which its lifeline reports.
    pub address: Addr<A>,
    /// Kills it when dropped.
    pub hold: Hold,
}

/// The hold on a running actor: dropping it kills the actor, without asking. Harmless once the actor has ended.
#[derive(Debug)]
pub struct Hold(Grip);

#[derive(Debug)]
enum Grip {
    Task(AbortHandle),
    Thread(ArbiterHandle),
    Nothing,
}

impl Hold {
    /// Takes the actor away: its lifeline reports [`Exit::Killed`] as soon as it does not run any more. Code that
    /// blocks its thread cannot be taken away.
    pub fn kill(&self) {
        match &self.0 {
            Grip::Task(task) => task.abort(),
            Grip::Thread(arbiter) => drop(arbiter.stop()),
            Grip::Nothing => (),
        }
    }

    /// Leaves the actor to itself.
    pub fn let_go(mut self) {
        self.0 = Grip::Nothing;
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Starts the actor that `make` gives on the current arbiter. A panic in `make` is an exit like any other.
///
/// # Panics
/// When there is no actix arbiter on this thread.
pub fn start_here<A>(lifeline: Lifeline, make: impl FnOnce(Lifeline) -> A) -> Started<A>
where
    A: Actor<Context = Context<A>>,
{
    let (sender, mailbox) = channel(MAILBOX);
    let grip = match Monitor::new(mailbox, lifeline, make, AtEnd::Nothing) {
        Some(monitor) => Grip::Task(actix_rt::spawn(monitor).abort_handle()),
        None => Grip::Nothing,
    };
    Started { address: Addr::new(sender), hold: Hold(grip) }
}

/// Starts the actor that `make` gives on an arbiter, and so a thread, of its own; the arbiter stops when the actor has
/// ended. If the thread cannot be had, the exit is [`Exit::Killed`].
///
/// # Panics
/// When there is no actix system on this thread.
pub fn start_on_own_thread<A>(
    lifeline: Lifeline,
    make: impl FnOnce(Lifeline) -> A + Send + 'static,
) -> Started<A>
where
    A: Actor<Context = Context<A>>,
{
    let (sender, mailbox) = channel(MAILBOX);
    let address = Addr::new(sender);
    let Ok(arbiter) = Arbiter::try_new() else {
        return Started { address, hold: Hold(Grip::Nothing) };
    };
    // A dead arbiter drops the closure, and with it the lifeline: that reports the kill.
    let _accepted =
        arbiter.spawn_fn(move || match Monitor::new(mailbox, lifeline, make, AtEnd::StopArbiter) {
            Some(monitor) => drop(actix_rt::spawn(monitor)),
            None => stop_current_arbiter(),
        });
    Started { address, hold: Hold(Grip::Thread(arbiter.handle())) }
}

fn stop_current_arbiter() {
    if let Some(arbiter) = Arbiter::try_current() {
        arbiter.stop();
    }
}

enum AtEnd {
    Nothing,
    StopArbiter,
}

struct Monitor<A: Actor<Context = Context<A>>> {
    actor: Option<ContextFut<A, Context<A>>>,
    lifeline: Lifeline,
    at_end: AtEnd,
}

impl<A: Actor<Context = Context<A>>> Monitor<A> {
    fn new(
        mailbox: AddressReceiver<A>,
        lifeline: Lifeline,
        make: impl FnOnce(Lifeline) -> A,
        at_end: AtEnd,
    ) -> Option<Self> {
        match catch_unwind(AssertUnwindSafe(|| make(lifeline.clone()))) {
            Ok(actor) => {
                let actor = Some(Context::with_receiver(mailbox).into_future(actor));
                Some(Self { actor, lifeline, at_end })
            }
            Err(payload) => {
                lifeline.panicked(Exit::of_panic(&*payload));
                None
            }
        }
    }

    /// Drops the actor, once. Its own `drop` may panic; that is an exit too.
    fn bury(&mut self) {
        let Some(mut actor) = self.actor.take() else {
            return;
        };
        actor.ctx().terminate();
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(actor))) {
            self.lifeline.panicked(Exit::of_panic(&*payload));
        }
    }
}

impl<A: Actor<Context = Context<A>>> Future for Monitor<A> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Cx<'_>) -> Poll<()> {
        let Some(actor) = self.actor.as_mut() else {
            return Poll::Ready(());
        };
        match catch_unwind(AssertUnwindSafe(|| Pin::new(actor).poll(cx))) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(())) => self.lifeline.finish(),
            Err(payload) => self.lifeline.panicked(Exit::of_panic(&*payload)),
        }
        self.bury();
        Poll::Ready(())
    }
}

impl<A: Actor<Context = Context<A>>> Drop for Monitor<A> {
    fn drop(&mut self) {
        self.bury();
        if matches!(self.at_end, AtEnd::StopArbiter) {
            stop_current_arbiter();
        }
    }
}
