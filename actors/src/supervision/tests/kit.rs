//! A probe that does what it is told, and a board on which everything that happens is written, and can be awaited.

use std::collections::HashMap;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix::prelude::*;
use tokio::sync::watch;

use super::super::{
    Backoff, ChildSpec, Decision, Intensity, Lifeline, Record, RootHandle, Shutdown, Strategy,
    start_root,
};

/// What happened, in order; cheap to clone.
#[derive(Clone)]
pub(super) struct Board(Arc<Inner>);

struct Inner {
    lines: watch::Sender<Vec<String>>,
    decisions: Mutex<Vec<Decision>>,
    probes: Mutex<HashMap<&'static str, Addr<Probe>>>,
    live: Mutex<HashMap<&'static str, u32>>,
}

impl Board {
    pub(super) fn new() -> Self {
        Self(Arc::new(Inner {
            lines: watch::Sender::new(Vec::new()),
            decisions: Mutex::default(),
            probes: Mutex::default(),
            live: Mutex::default(),
        }))
    }

    pub(super) fn say(&self, line: impl Into<String>) {
        self.0.lines.send_modify(|lines| lines.push(line.into()));
    }

    /// What the probes wrote.
    pub(super) fn lines(&self) -> Vec<String> {
        self.0.lines.borrow().clone()
    }

    /// Waits until `line` has been written `times` times.
    pub(super) async fn until(&self, line: &str, times: usize) {
        let mut lines = self.0.lines.subscribe();
        let seen = |lines: &Vec<String>| lines.iter().filter(|l| *l == line).count() >= times;
        lines.wait_for(seen).await.unwrap();
    }

    pub(super) fn decisions(&self) -> Vec<Decision> {
        self.0.decisions.lock().unwrap().clone()
    }

    pub(super) fn probe(&self, name: &'static str) -> Addr<Probe> {
        self.0.probes.lock().unwrap()[name].clone()
    }

    pub(super) fn tell(&self, name: &'static str, order: Do) {
        self.probe(name).do_send(order);
    }
}

impl Record for Board {
    fn record(&self, decision: Decision) {
        self.0.decisions.lock().unwrap().push(decision);
    }
}

/// How a probe takes a [`Shutdown`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Manners {
    Obedient,
    Deaf,
    PanicsInStarted,
    PanicsInDrop,
}

pub(super) struct Probe {
    name: &'static str,
    board: Board,
    lifeline: Lifeline,
    manners: Manners,
}

#[derive(Message)]
#[rtype(result = "()")]
pub(super) enum Do {
    Stop,
    Fail(&'static str),
    Panic(String),
    PanicStatic,
    PanicInFuture,
    /// Blocks the thread until the sender is gone.
    Block(Receiver<()>),
    /// Hands a clone of the lifeline to a task that lasts until the sender is gone.
    Linger(tokio::sync::oneshot::Receiver<()>),
}

impl Probe {
    pub(super) fn new(
        name: &'static str,
        board: Board,
        manners: Manners,
        lifeline: Lifeline,
    ) -> Self {
        let mut live = board.0.live.lock().unwrap();
        let count = live.entry(name).or_default();
        *count += 1;
        assert_eq!(*count, 1, "two incarnations of {name}");
        drop(live);
        board.say(format!("up {name}"));
        Self { name, board, lifeline, manners }
    }
}

impl Actor for Probe {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.board.0.probes.lock().unwrap().insert(self.name, ctx.address());
        self.board.say(format!("ready {}", self.name));
        assert!(self.manners != Manners::PanicsInStarted, "stage fright");
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        let mut live = self.board.0.live.lock().unwrap_or_else(PoisonError::into_inner);
        *live.entry(self.name).or_default() -= 1;
        drop(live);
        self.board.say(format!("down {}", self.name));
        assert!(self.manners != Manners::PanicsInDrop, "hard to let go");
    }
}

impl Handler<Shutdown> for Probe {
    type Result = ();

    fn handle(&mut self, _: Shutdown, ctx: &mut Self::Context) {
        self.board.say(format!("asked {}", self.name));
        if self.manners != Manners::Deaf {
            ctx.stop();
        }
    }
}

impl Handler<Do> for Probe {
    type Result = ();

    fn handle(&mut self, order: Do, ctx: &mut Self::Context) {
        match order {
            Do::Stop => ctx.stop(),
            Do::Fail(why) => {
                self.lifeline.fail(why);
                ctx.stop();
            }
            Do::Panic(text) => panic!("{text}"),
            Do::PanicStatic => panic!("plain text"),
            Do::PanicInFuture => drop(ctx.spawn(async { panic!("in a future") }.into_actor(self))),
            Do::Block(until) => {
                self.board.say(format!("blocked {}", self.name));
                let _gone = until.recv();
            }
            Do::Linger(until) => {
                let lifeline = self.lifeline.clone();
                actix_rt::spawn(async move {
                    let _gone = until.await;
                    drop(lifeline);
                });
            }
        }
    }
}

/// A child that is a probe, with no wait between its restarts.
pub(super) fn probe(name: &'static str, board: &Board, manners: Manners) -> ChildSpec {
    let board = board.clone();
    let none = Backoff { first: Duration::ZERO, max: Duration::from_hours(1) };
    ChildSpec::actor(name, move |lifeline| Probe::new(name, board.clone(), manners, lifeline))
        .backoff(none)
}

/// Obedient probes with these names.
pub(super) fn probes(board: &Board, names: &[&'static str]) -> Vec<ChildSpec> {
    names.iter().map(|name| probe(name, board, Manners::Obedient)).collect()
}

pub(super) fn few(restarts: u32) -> Intensity {
    Intensity { restarts, within: Duration::from_hours(1) }
}

/// Starts a root over these children and waits until the probe `last` is ready.
pub(super) async fn tree(
    board: &Board,
    way: Strategy,
    restarts: u32,
    children: Vec<ChildSpec>,
) -> RootHandle {
    let root = ChildSpec::supervisor("root", way, few(restarts), children);
    start_root(&root, Arc::new(board.clone())).unwrap()
}
