//! [`keeper`]: the service that keeps a connection to each server that is wanted. What the settings name and what runs may
//! differ at any time; it looks, and brings the one to the other.
//!
//! It is a small supervisor of its own, as its children come and go with the settings, and a server that does not work is
//! nobody's fault here: it is tried again for ever, with growing pauses, counts against nobody's intensity, and makes the
//! house not ill, but is a warning.

use super::connection::Connection;
use super::server::{Server, State};
use super::servers::Servers;
use super::shown::Shown;
use super::spec::Reach;
use actix::{
    Actor, ActorContext, Addr, AsyncContext, Context, Handler, Message, Recipient, WrapFuture,
};
use callboard_actors::supervision::{
    Backoff, ChildSpec, Decision, Exit, Hold, Lifeline, Record, Shutdown, Verb, What, start_here,
};
use callboard_actors::system::Parts;
use callboard_actors::system::Warnings;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Who notices what is wrong with servers.
const SOURCE: &str = "mcp";

/// After so many starts in a row that failed it is a warning.
const WARN_AFTER: u32 = 2;

/// Between restarts.
const BACKOFF: Backoff = Backoff { first: Duration::from_millis(500), max: Duration::from_mins(1) };

/// So long it is waited whether a server comes up, for what is told of it.
const UP: Duration = Duration::from_mins(2);

/// A connection that has held for so long was a good one: what follows it begins a new row.
const LASTED: Duration = Duration::from_secs(10);

/// How long all of them may take to end.
const FAREWELL: Duration = Duration::from_secs(12);

/// The service, as a child of the tree.
pub fn keeper(servers: Servers, parts: &Parts) -> ChildSpec {
    let (record, warnings) = (parts.record(), parts.warnings.clone());
    let make = move |lifeline| Keeper {
        servers: servers.clone(),
        record: Arc::clone(&record),
        warnings: warnings.clone(),
        cells: BTreeMap::new(),
        is_leaving: false,
        lifeline,
    };
    ChildSpec::branch("mcp", make, |address: Addr<Keeper>| Arc::new(Shown::of(address)))
        .kind("mcp_servers")
        .shutdown(FAREWELL)
}

/// Keeps the connections.
pub(super) struct Keeper {
    pub(super) servers: Servers,
    record: Arc<dyn Record>,
    warnings: Warnings,
    pub(super) cells: BTreeMap<String, Cell>,
    is_leaving: bool,
    lifeline: Lifeline,
}

/// One server's place.
pub(super) struct Cell {
    pub(super) server: Arc<Server>,
    pub(super) life: Option<Life>,
    incarnation: u64,
    /// Restarts in a row.
    attempt: u32,
    pub(super) restarts: u64,
    pub(super) last_exit: Option<Exit>,
    /// Not before this.
    due: Option<Instant>,
}

/// A connection that lives.
pub(super) struct Life {
    _hold: Hold,
    door: Recipient<Shutdown>,
    pub(super) since: Instant,
    is_told: bool,
}

/// A connection has ended.
#[derive(Message)]
#[rtype(result = "()")]
struct Ended {
    name: String,
    incarnation: u64,
    exit: Exit,
}

/// Something may have changed.
#[derive(Message)]
#[rtype(result = "()")]
pub(super) struct Look;

impl Keeper {
    /// Brings what runs to what is wanted.
    fn look(&mut self, ctx: &mut Context<Self>) {
        let wanted = self.servers.all();
        for (name, server) in &wanted {
            self.cells.entry(name.clone()).or_insert_with(|| Cell::new(Arc::clone(server)));
        }
        let names: Vec<String> = self.cells.keys().cloned().collect();
        for name in names {
            self.settle(&name, wanted.get(&name), ctx);
        }
        if self.is_leaving && self.cells.values().all(|cell| cell.life.is_none()) {
            ctx.stop();
        }
    }

    fn settle(&mut self, name: &str, wanted: Option<&Arc<Server>>, ctx: &mut Context<Self>) {
        let is_leaving = self.is_leaving;
        let Some(cell) = self.cells.get_mut(name) else { return };
        let is_same = wanted.is_some_and(|wanted| Arc::ptr_eq(wanted, &cell.server));
        let is_to_run = is_same && !is_leaving && cell.server.is_to_run();
        match (&mut cell.life, wanted) {
            (Some(life), _) if !is_to_run => life.tell(),
            (Some(_), _) => {}
            (None, None) => {
                self.cells.remove(name);
                self.warnings.settle(SOURCE, name);
            }
            (None, Some(server)) if !is_same => {
                *cell = Cell::new(Arc::clone(server));
                self.warnings.settle(SOURCE, name);
                self.settle(name, wanted, ctx);
            }
            (None, Some(_)) if is_to_run => self.start_when_due(name, ctx),
            (None, Some(_)) => {
                cell.due = None;
                let held_by = cell.server.held_by();
                cell.server.set(held_by.map_or(State::Asleep, |by| State::Stopped { by }));
            }
        }
    }

    fn start_when_due(&mut self, name: &str, ctx: &mut Context<Self>) {
        let Some(cell) = self.cells.get_mut(name) else { return };
        let left = cell.due.map(|due| due.saturating_duration_since(Instant::now()));
        if let Some(left) = left.filter(|left| !left.is_zero()) {
            ctx.notify_later(Look, left);
            return;
        }
        cell.due = None;
        cell.incarnation += 1;
        let (address, incarnation) = (ctx.address(), cell.incarnation);
        let (told, line) = (name.to_owned(), self.lifeline.clone());
        let report = Box::new(move |exit| {
            address.do_send(Ended { name: told, incarnation, exit });
            drop(line);
        });
        let (servers, server) = (self.servers.clone(), Arc::clone(&cell.server));
        let make = move |lifeline| Connection::new(servers, server, lifeline);
        let started = start_here(Lifeline::new(report), make);
        cell.life = Some(Life {
            door: started.address.recipient(),
            _hold: started.hold,
            since: Instant::now(),
            is_told: false,
        });
        let attempt = cell.attempt;
        self.note(name, What::Started, "", None, (attempt, Duration::ZERO));
        self.settle_warning_once_up(name, ctx);
    }

    /// What was wrong with it is told until it is up.
    fn settle_warning_once_up(&self, name: &str, ctx: &mut Context<Self>) {
        let Some(cell) = self.cells.get(name) else { return };
        let (server, warnings) = (Arc::clone(&cell.server), self.warnings.clone());
        let name = name.to_owned();
        let up = async move {
            let is_up = |server: &Server| matches!(server.state(), State::Up(_)).then_some(());
            if server.until(UP, is_up).await.is_some() {
                warnings.settle(SOURCE, &name);
            }
        };
        ctx.spawn(up.into_actor(self));
    }

    fn note(
        &self,
        name: &str,
        what: What,
        why: &str,
        exit: Option<Exit>,
        (attempt, delay): (u32, Duration),
    ) {
        self.record.record(Decision {
            path: format!("/services/mcp/{name}"),
            what,
            why: why.to_owned(),
            exit,
            attempt,
            delay_ms: u64::try_from(delay.as_millis()).unwrap_or(u64::MAX),
        });
    }

    /// An operator's order for one of them: to stop, to go on, or to begin anew; false: there is none of this name.
    pub(super) fn operate(&mut self, name: &str, verb: Verb, by: &str) -> bool {
        let Some(cell) = self.cells.get_mut(name) else { return false };
        if matches!(verb, Verb::Stop | Verb::Suspend) {
            cell.server.hold(Some(by.to_owned()));
        } else {
            cell.server.hold(None);
            (cell.due, cell.attempt) = (None, 0);
            if let Some(life) = cell.life.as_mut().filter(|_| verb == Verb::Restart) {
                life.tell();
            }
        }
        let why = format!("{} by {by}", verb.as_str());
        self.note(name, What::Operated, &why, None, (0, Duration::ZERO));
        true
    }
}

impl Cell {
    fn new(server: Arc<Server>) -> Self {
        Self {
            server,
            life: None,
            incarnation: 0,
            attempt: 0,
            restarts: 0,
            last_exit: None,
            due: None,
        }
    }
}

impl Life {
    /// Asks it to end, once.
    fn tell(&mut self) {
        if !std::mem::replace(&mut self.is_told, true) {
            self.door.do_send(Shutdown);
        }
    }
}

impl Actor for Keeper {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let (servers, address) = (self.servers.clone(), ctx.address());
        let looking = async move {
            loop {
                servers.to_be_looked_at().await;
                address.do_send(Look);
            }
        };
        ctx.spawn(looking.into_actor(self));
        self.look(ctx);
    }
}

impl Handler<Look> for Keeper {
    type Result = ();

    fn handle(&mut self, _: Look, ctx: &mut Self::Context) {
        self.look(ctx);
    }
}

impl Handler<Ended> for Keeper {
    type Result = ();

    fn handle(&mut self, ended: Ended, ctx: &mut Self::Context) {
        let Ended { name, incarnation, exit } = ended;
        let Some(cell) = self.cells.get_mut(&name) else { return };
        let Some(life) = cell.life.take().filter(|_| cell.incarnation == incarnation) else {
            return;
        };
        if life.is_told {
            let why = exit.to_string();
            cell.last_exit = Some(exit.clone());
            self.note(&name, What::Stopped, &why, Some(exit), (0, Duration::ZERO));
        } else {
            self.restart(&name, &life, exit);
        }
        self.look(ctx);
    }
}

impl Keeper {
    fn restart(&mut self, name: &str, life: &Life, exit: Exit) {
        let Some(cell) = self.cells.get_mut(name) else { return };
        let has_lasted = life.since.elapsed() >= LASTED;
        cell.attempt = if has_lasted { 1 } else { cell.attempt + 1 };
        cell.restarts += 1;
        let (attempt, delay) = (cell.attempt, BACKOFF.delay(name, cell.attempt));
        cell.due = Some(Instant::now() + delay);
        let why = match &exit {
            Exit::Error(why) => why.clone(),
            other => other.to_string(),
        };
        cell.server.set(State::Down { why: why.clone() });
        cell.last_exit = Some(exit.clone());
        if attempt > WARN_AFTER {
            let look = match &cell.server.spec.reach {
                Reach::Program(_) => format!("look at mcp/{name}.log in the home, "),
                Reach::Address { .. } => String::new(),
            };
            let text = format!(
                "the MCP server {name} is not up: {why}; {look}mend [mcp.{name}], or set its enabled = false"
            );
            self.warnings.raise(SOURCE, name, &text);
        }
        self.note(name, What::Restarting, &why, Some(exit), (attempt, delay));
    }
}

impl Handler<Shutdown> for Keeper {
    type Result = ();

    fn handle(&mut self, _: Shutdown, ctx: &mut Self::Context) {
        self.is_leaving = true;
        self.look(ctx);
    }
}
