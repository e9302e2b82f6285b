//! [`Hosts`]: starts the entities of a kind, and watches each of them end (one for one).
//!
//! An entity that keeps ending abnormally is parked, so that no bad one takes its siblings down: unlike
//! services, entities are counted each on its own and never make their supervisor give up.

use super::actor::Entity;
use super::directory::Directory;
use super::facts;
use super::slot::Start;
use crate::journal::{Append, Fault, Parked, Wake};
use crate::machine::{Machine, Perform};
use crate::supervision::{Exit, Hold, Lifeline, Shutdown, start_here};
use crate::vocabulary::Name;
use actix::{Actor, ActorContext, AsyncContext, Context, Handler, Recipient};
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// An entity's last lifeline has dropped.
#[derive(actix::Message)]
#[rtype(result = "()")]
struct Ended {
    name: Name,
    exit: Exit,
}

/// The supervisor of a kind's entities.
pub struct Hosts<M: Machine, P: Perform<M>> {
    directory: Directory<M>,
    performer: Rc<P>,
    holds: HashMap<Name, Hold>,
    falls: HashMap<Name, VecDeque<Instant>>,
    stopping: bool,
    /// Where the directory reaches it.
    door: Option<Recipient<Start>>,
    lifeline: Lifeline,
}

impl<M: Machine, P: Perform<M>> Hosts<M, P> {
    /// Hosts for this directory, whose effects `performer` performs.
    pub fn new(directory: Directory<M>, performer: P, lifeline: Lifeline) -> Self {
        Self {
            directory,
            performer: Rc::new(performer),
            holds: HashMap::new(),
            falls: HashMap::new(),
            stopping: false,
            door: None,
            lifeline,
        }
    }

    fn start(&mut self, name: Name, ctx: &mut Context<Self>) {
        if self.stopping || self.holds.contains_key(&name) {
            return;
        }
        let (hosts, ended) = (ctx.address(), name.clone());
        // The hosts have ended only when all their entities have.
        let line = self.lifeline.clone();
        let report = move |exit| {
            hosts.do_send(Ended { name: ended, exit });
            drop(line);
        };
        let (directory, performer) = (self.directory.clone(), Rc::clone(&self.performer));
        let of = name.clone();
        let make = |lifeline| Entity::new(of, directory, performer, lifeline);
        let started = start_here(Lifeline::new(Box::new(report)), make);
        self.holds.insert(name, started.hold);
    }

    /// From now on nobody can be woken by these hosts.
    fn leave(&mut self) {
        if let Some(door) = self.door.take() {
            self.directory.desert(&door);
        }
    }

    /// Whether it has ended abnormally too often of late.
    fn falls_too_often(&mut self, name: &Name) -> bool {
        let settings = self.directory.settings();
        let now = Instant::now();
        let falls = self.falls.entry(name.clone()).or_default();
        falls.push_back(now);
        while falls.front().is_some_and(|first| now - *first > settings.park_within) {
            falls.pop_front();
        }
        falls.len() > settings.park_after as usize
    }

    /// Parks an entity whose actor cannot do it itself.
    fn park(&self, name: Name, exit: &Exit) {
        let directory = self.directory.clone();
        let why = format!("its actor keeps ending: it {exit}");
        actix_rt::spawn(async move {
            if let Err(fault) = park(&directory, &name, why).await {
                tracing::error!(%name, %fault, "failed to park an entity");
            }
            directory.absent(&name);
        });
    }
}

async fn park<M: Machine>(directory: &Directory<M>, name: &Name, why: String) -> Result<(), Fault> {
    let journal = directory.journal();
    let stream = Directory::<M>::stream(name);
    let loaded = journal.load(stream.clone(), 0).await?;
    let since = journal.clock().now();
    let parked = Parked { by: "restarts".into(), why, since, command: None, failed: false };
    let (reply, answer) = oneshot::channel();
    journal.append(Append {
        stream,
        head: loaded.head,
        messages: vec![facts::parked(&parked, None)],
        row: None,
        wake: Wake::AsBefore,
        parked: Some(parked),
        held: Vec::new(),
        snapshot: None,
        reply,
    });
    answer.await.unwrap_or_else(|_| Err(Fault::Unknown("the writer ended".into()))).map(drop)
}

/// Also when it was killed.
impl<M: Machine, P: Perform<M>> Drop for Hosts<M, P> {
    fn drop(&mut self) {
        self.leave();
    }
}

impl<M: Machine, P: Perform<M>> Actor for Hosts<M, P> {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let door = ctx.address().recipient();
        self.door = Some(door.clone());
        self.directory.attend(door);
    }
}

impl<M: Machine, P: Perform<M>> Handler<Start> for Hosts<M, P> {
    type Result = ();

    fn handle(&mut self, Start(name): Start, ctx: &mut Self::Context) {
        self.start(name, ctx);
    }
}

impl<M: Machine, P: Perform<M>> Handler<Ended> for Hosts<M, P> {
    type Result = ();

    fn handle(&mut self, Ended { name, exit }: Ended, ctx: &mut Self::Context) {
        self.holds.remove(&name);
        if !exit.is_abnormal() {
            self.falls.remove(&name);
            return self.directory.absent(&name);
        }
        tracing::error!(kind = M::KIND, %name, %exit, "an entity ended");
        if self.falls_too_often(&name) {
            self.falls.remove(&name);
            return self.park(name, &exit);
        }
        // Once more, also if nothing waits: it may have open work.
        self.directory.fallen(&name);
        let wait = Duration::from_millis(50);
        ctx.run_later(wait, move |hosts, _| hosts.directory.wake(&name));
    }
}

impl<M: Machine, P: Perform<M>> Handler<Shutdown> for Hosts<M, P> {
    type Result = ();

    /// Lets the effects that run come to their end, for a while; what is left is found lost, or
    /// adopted, at the next start.
    fn handle(&mut self, _: Shutdown, ctx: &mut Self::Context) {
        let deadline = Instant::now() + self.directory.settings().drain;
        ctx.run_interval(Duration::from_millis(20), move |hosts, ctx| {
            let (_, waiting, running) = hosts.directory.census();
            if (waiting == 0 && running == 0) || Instant::now() >= deadline {
                hosts.stopping = true;
                hosts.leave();
                hosts.directory.abort_effects();
                ctx.stop();
            }
        });
    }
}
