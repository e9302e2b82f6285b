//! Every road out of an actor, on its supervisor's arbiter and on a thread of its own.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use actix::prelude::*;
use tokio::sync::oneshot;

use super::super::{Exit, Lifeline, Place, Started, start_here, start_on_own_thread};
use super::kit::{Board, Do, Manners, Probe};

fn line() -> (Lifeline, oneshot::Receiver<Exit>) {
    let (tell, heard) = oneshot::channel();
    (Lifeline::new(Box::new(move |exit| tell.send(exit).unwrap())), heard)
}

fn start(place: Place, manners: Manners) -> (Started<Probe>, oneshot::Receiver<Exit>) {
    let (lifeline, heard) = line();
    let make = move |lifeline| Probe::new("probe", Board::new(), manners, lifeline);
    let started = match place {
        Place::Here => start_here(lifeline, make),
        Place::OwnThread => start_on_own_thread(lifeline, make),
    };
    (started, heard)
}

async fn exit_after(order: fn() -> Do) -> [Exit; 2] {
    let mut exits = Vec::new();
    for place in [Place::Here, Place::OwnThread] {
        let (started, heard) = start(place, Manners::Obedient);
        started.address.do_send(order());
        exits.push(heard.await.unwrap());
    }
    exits.try_into().unwrap()
}

fn both(exit: &Exit) -> [Exit; 2] {
    [exit.clone(), exit.clone()]
}

#[actix_rt::test]
async fn an_actor_that_stops_ended_normally() {
    assert_eq!(exit_after(|| Do::Stop).await, both(&Exit::Normal));
}

#[actix_rt::test]
async fn an_actor_that_names_a_failure_before_it_stops_ended_with_it() {
    assert_eq!(exit_after(|| Do::Fail("no disk")).await, both(&Exit::Error("no disk".into())));
}

#[actix_rt::test]
async fn a_panic_in_a_handler_is_reported_with_its_text() {
    let formatted = exit_after(|| Do::Panic(format!("{} apples", 3))).await;
    assert_eq!(formatted, both(&Exit::Panicked("3 apples".into())));
    assert_eq!(exit_after(|| Do::PanicStatic).await, both(&Exit::Panicked("plain text".into())));
}

#[actix_rt::test]
async fn a_panic_in_a_spawned_future_is_reported_with_its_text() {
    assert_eq!(exit_after(|| Do::PanicInFuture).await, both(&Exit::Panicked("in a future".into())));
}

#[actix_rt::test]
async fn a_panic_in_started_and_one_in_drop_are_reported() {
    for place in [Place::Here, Place::OwnThread] {
        let (_started, heard) = start(place, Manners::PanicsInStarted);
        assert_eq!(heard.await.unwrap(), Exit::Panicked("stage fright".into()));
        let (started, heard) = start(place, Manners::PanicsInDrop);
        started.address.do_send(Do::Stop);
        assert_eq!(heard.await.unwrap(), Exit::Panicked("hard to let go".into()));
    }
}

#[actix_rt::test]
async fn of_a_panic_and_the_panic_of_the_drop_after_it_the_first_is_reported() {
    let (started, heard) = start(Place::Here, Manners::PanicsInDrop);
    started.address.do_send(Do::PanicStatic);
    assert_eq!(heard.await.unwrap(), Exit::Panicked("plain text".into()));
}

fn broken(_: Lifeline) -> Probe {
    panic!("cannot be made")
}

#[actix_rt::test]
async fn a_panic_while_the_actor_is_made_is_reported_and_its_address_is_closed() {
    let (lifeline, heard) = line();
    let here = start_here(lifeline, broken);
    assert_eq!(heard.await.unwrap(), Exit::Panicked("cannot be made".into()));
    assert!(!here.address.connected());
    let (lifeline, heard) = line();
    let _there = start_on_own_thread(lifeline, broken);
    assert_eq!(heard.await.unwrap(), Exit::Panicked("cannot be made".into()));
}

#[actix_rt::test]
async fn an_actor_whose_hold_is_dropped_was_killed() {
    for place in [Place::Here, Place::OwnThread] {
        let (Started { address, hold }, heard) = start(place, Manners::Deaf);
        drop(hold);
        assert_eq!(heard.await.unwrap(), Exit::Killed);
        assert!(!address.connected());
    }
}

#[actix_rt::test]
async fn an_actor_whose_arbiter_stops_was_killed() {
    let (lifeline, heard) = line();
    let arbiter = Arbiter::new();
    arbiter.spawn_fn(move || {
        start_here(lifeline, |lifeline| Probe::new("probe", Board::new(), Manners::Deaf, lifeline))
            .hold
            .let_go();
        Arbiter::current().stop();
    });
    assert_eq!(heard.await.unwrap(), Exit::Killed);
}

#[actix_rt::test]
async fn a_dead_arbiter_that_never_runs_the_start_reports_a_kill() {
    let (lifeline, heard) = line();
    let arbiter = Arbiter::new();
    let handle = arbiter.handle();
    handle.stop();
    arbiter.join().unwrap();
    assert!(!handle.spawn_fn(move || drop(start_here(lifeline, broken))));
    assert_eq!(heard.await.unwrap(), Exit::Killed);
}

#[actix_rt::test]
async fn the_report_waits_for_the_last_lifeline_and_comes_once() {
    let reports = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&reports);
    let lifeline = Lifeline::new(Box::new(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
    }));
    let kept = lifeline.clone();
    let board = Board::new();
    let started = start_here(lifeline, |lifeline| {
        Probe::new("probe", board.clone(), Manners::Obedient, lifeline)
    });
    started.address.do_send(Do::PanicStatic);
    board.until("down probe", 1).await;
    actix_rt::task::yield_now().await;
    assert_eq!(reports.load(Ordering::SeqCst), 0, "a lifeline is still held");
    drop(kept);
    drop(started);
    assert_eq!(reports.load(Ordering::SeqCst), 1);
}

/// Says when actix runs its `stopping` hook.
struct Hooked(Board);

impl Actor for Hooked {
    type Context = Context<Self>;

    fn stopping(&mut self, _: &mut Self::Context) -> Running {
        self.0.say("stopping");
        Running::Stop
    }
}

#[actix_rt::test]
async fn a_killed_actor_is_dropped_without_its_hooks_where_a_second_panic_would_end_the_program() {
    let board = Board::new();
    let (lifeline, heard) = line();
    let started = start_here(lifeline, |_| Hooked(board.clone()));
    actix_rt::task::yield_now().await;
    started.hold.kill();
    assert_eq!(heard.await.unwrap(), Exit::Killed);
    assert_eq!(board.lines(), Vec::<String>::new());
}

thread_local!(static AT_THREAD_EXIT: RefCell<Option<oneshot::Sender<()>>> = const { RefCell::new(None) });

#[actix_rt::test]
async fn the_thread_of_an_actor_ends_with_it() {
    let (lifeline, heard) = line();
    let (alive, thread_gone) = oneshot::channel();
    let started = start_on_own_thread(lifeline, move |lifeline| {
        AT_THREAD_EXIT.with(|cell| *cell.borrow_mut() = Some(alive));
        Probe::new("probe", Board::new(), Manners::Obedient, lifeline)
    });
    started.address.do_send(Do::PanicStatic);
    assert_eq!(heard.await.unwrap(), Exit::Panicked("plain text".into()));
    assert!(thread_gone.await.is_err(), "the sender is dropped when the thread exits");
}
