//! The actor that carries out what [`Rules`] order: it starts, stops and kills children and hears how they end.
//!
//! It decides nothing. It never awaits a child: all it hears comes as a message or as a timer. When it is killed, the
//! holds in its cells kill what is below it, and its own lifeline lasts until the last of those is gone.

mod operate;
mod show;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, ActorContext, Addr, AsyncContext, Context, Handler, Message};
use tokio::time::Instant;

use super::lifeline::Anchor;
use super::record::{Decision, Record, What};
use super::rules::{Order, Rules};
use super::seat::{Seat, SeatStatus};
use super::spec::{Born, ChildSpec, KILL_GRACE, Shutdown, Start, Team, start_at};
use super::{Branch, BranchFuture, Exit, Lifeline, OperateError, Strategy, Verb};

/// The actor that supervises: made from [`ChildSpec::supervisor`], reached through its [`Branch`].
pub struct Supervisor {
    about: About,
    strategy: Strategy,
    rules: Rules,
    cells: Vec<Cell>,
    lifeline: Lifeline,
    started: Instant,
}

/// Who a supervisor is, and what it hands down.
#[derive(Clone)]
pub(super) struct About {
    /// Its path, without the last slash: the root's is empty.
    pub(super) path: String,
    pub(super) record: Arc<dyn Record>,
}

/// One child's place.
struct Cell {
    spec: ChildSpec,
    /// How many have been started in this place.
    incarnations: u64,
    /// The one that runs, until its last lifeline has dropped.
    life: Option<Life>,
    last_exit: Option<Exit>,
}

struct Life {
    born: Born,
    anchor: Anchor,
    since: Instant,
}

/// A child's last lifeline has dropped.
#[derive(Message)]
#[rtype(result = "()")]
struct Ended {
    child: usize,
    exit: Exit,
}

impl Supervisor {
    pub(super) fn new(about: About, team: Team, lifeline: Lifeline) -> Self {
        let seats =
            team.children.iter().map(|spec| Seat::new(&spec.id, spec.restart, spec.backoff));
        Self {
            about,
            strategy: team.strategy,
            rules: Rules::new(team.strategy, team.intensity, seats.collect()),
            cells: team.children.into_iter().map(Cell::new).collect(),
            lifeline,
            started: Instant::now(),
        }
    }

    /// The time as the rules count it.
    fn now(&self) -> Duration {
        self.started.elapsed()
    }

    fn child_path(&self, child: usize) -> String {
        format!("{}/{}", self.about.path, self.cells[child].spec.id)
    }

    fn carry_out(&mut self, orders: Vec<Order>, ctx: &mut Context<Self>) {
        let mut orders = VecDeque::from(orders);
        while let Some(order) = orders.pop_front() {
            orders.extend(self.carry_out_one(order, ctx));
        }
    }

    /// Carries one order out; gives the orders that follow at once.
    fn carry_out_one(&mut self, order: Order, ctx: &mut Context<Self>) -> Vec<Order> {
        match order {
            Order::Start { child, attempt } => self.start_child(child, attempt, ctx),
            Order::Wait { child, delay, attempt, ticket } => {
                return self.wait(child, delay, (attempt, ticket), ctx);
            }
            Order::Stop(child) => self.stop_child(child, ctx),
            Order::Kill(child) => self.kill_child(child, ctx),
            Order::Abandon(child) => {
                tracing::error!(
                    path = self.child_path(child),
                    "a killed actor does not end: its thread is blocked"
                );
                self.note(
                    child,
                    What::Abandoned,
                    "it does not end though it was killed: its thread is blocked",
                );
            }
            Order::GiveUp(reason) => {
                tracing::error!(path = self.about.path, reason, "a supervisor gives up");
                self.about.record.record(Decision::plain(self.path(), What::GaveUp, reason));
            }
            Order::End(reason) => self.end(reason, ctx),
        }
        Vec::new()
    }

    fn start_child(&mut self, child: usize, attempt: u32, ctx: &mut Context<Self>) {
        let why = if self.cells[child].incarnations == 0 { "first start" } else { "restart" };
        let mut decision = Decision::plain(self.child_path(child), What::Started, why);
        decision.attempt = attempt;
        self.about.record.record(decision);
        let supervisor = ctx.address();
        let anchor = Anchor::on(self.lifeline.clone());
        let report = Box::new(move |exit| supervisor.do_send(Ended { child, exit }));
        let born = self.bear(child, Lifeline::below(anchor.clone(), report));
        let cell = &mut self.cells[child];
        cell.incarnations += 1;
        cell.life = Some(Life { born, anchor, since: Instant::now() });
    }

    fn bear(&self, child: usize, lifeline: Lifeline) -> Born {
        let spec = &self.cells[child].spec;
        match &spec.start {
            Start::Actor(start) => start(lifeline, spec.place),
            Start::Supervisor(team) => {
                let about =
                    About { path: self.child_path(child), record: Arc::clone(&self.about.record) };
                let team = team.clone();
                let make = move |line: Lifeline| Supervisor::new(about.clone(), team.clone(), line);
                let started = start_at(spec.place, lifeline, Arc::new(make));
                let branch: Arc<dyn Branch> = Arc::new(Reach(started.address.clone()));
                Born { hold: started.hold, door: started.address.recipient(), branch: Some(branch) }
            }
        }
    }

    fn wait(
        &mut self,
        child: usize,
        delay: Duration,
        (attempt, ticket): (u32, u64),
        ctx: &mut Context<Self>,
    ) -> Vec<Order> {
        self.about.record.record(Decision {
            path: self.child_path(child),
            what: What::Restarting,
            why: self.cells[child].last_exit.as_ref().map(ToString::to_string).unwrap_or_default(),
            exit: self.cells[child].last_exit.clone(),
            attempt,
            delay_ms: millis(delay),
        });
        if delay.is_zero() {
            return self.rules.due(child, ticket, self.now());
        }
        ctx.run_later(delay, move |this, ctx| {
            let orders = this.rules.due(child, ticket, this.now());
            this.carry_out(orders, ctx);
        });
        Vec::new()
    }

    fn stop_child(&mut self, child: usize, ctx: &mut Context<Self>) {
        self.note(child, What::Stopping, "");
        if let Some(life) = &self.cells[child].life {
            life.born.door.do_send(Shutdown);
        }
        let patience = self.cells[child].spec.shutdown;
        self.expect_end(child, patience, ctx);
    }

    fn kill_child(&mut self, child: usize, ctx: &mut Context<Self>) {
        let spec = &self.cells[child].spec;
        let why = format!("it did not stop within {:?}", spec.shutdown);
        tracing::warn!(path = self.child_path(child), why, "an actor is killed");
        self.note(child, What::Killed, why);
        if let Some(life) = &self.cells[child].life {
            life.born.hold.kill();
        }
        self.expect_end(child, KILL_GRACE, ctx);
    }

    /// Tells the rules when this incarnation of the child is still there after `patience`.
    fn expect_end(&mut self, child: usize, patience: Duration, ctx: &mut Context<Self>) {
        let incarnation = self.cells[child].incarnations;
        ctx.run_later(patience, move |this, ctx| {
            if this.cells[child].incarnations == incarnation && this.cells[child].life.is_some() {
                let orders = this.rules.overdue(child, this.now());
                this.carry_out(orders, ctx);
            }
        });
    }

    fn end(&mut self, reason: Option<String>, ctx: &mut Context<Self>) {
        if let Some(reason) = reason {
            self.lifeline.fail(reason);
        }
        if self.is_root() {
            // Nobody starts the root anew, so it need not wait for those that cannot be killed.
            self.cells
                .iter()
                .filter_map(|cell| cell.life.as_ref())
                .for_each(|life| life.anchor.release());
        }
        ctx.stop();
    }

    fn is_root(&self) -> bool {
        self.about.path.is_empty()
    }

    fn path(&self) -> String {
        if self.is_root() { "/".to_owned() } else { self.about.path.clone() }
    }

    fn note(&self, child: usize, what: What, why: impl Into<String>) {
        self.about.record.record(Decision::plain(self.child_path(child), what, why));
    }

    fn note_end(&self, child: usize, exit: &Exit) {
        let asked = !matches!(self.rules.status(child), SeatStatus::Running(_));
        let what = if asked { What::Stopped } else { What::Ended };
        let mut decision = Decision::plain(self.child_path(child), what, exit.to_string());
        decision.exit = Some(exit.clone());
        self.about.record.record(decision);
    }
}

impl Cell {
    fn new(spec: ChildSpec) -> Self {
        Self { spec, incarnations: 0, life: None, last_exit: None }
    }

    fn branch(&self) -> Option<Arc<dyn Branch>> {
        let of_life = self.life.as_ref().and_then(|life| life.born.branch.clone());
        of_life.or_else(|| self.spec.branch.clone())
    }
}

impl Actor for Supervisor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        let orders = self.rules.start(self.now());
        self.carry_out(orders, ctx);
    }
}

impl Handler<Ended> for Supervisor {
    type Result = ();

    fn handle(&mut self, Ended { child, exit }: Ended, ctx: &mut Self::Context) {
        self.note_end(child, &exit);
        self.cells[child].life = None;
        self.cells[child].last_exit = Some(exit.clone());
        let orders = self.rules.ended(child, &exit, self.now());
        self.carry_out(orders, ctx);
    }
}

impl Handler<Shutdown> for Supervisor {
    type Result = ();

    fn handle(&mut self, _: Shutdown, ctx: &mut Self::Context) {
        let orders = self.rules.shutdown(self.now());
        self.carry_out(orders, ctx);
    }
}

/// A supervisor as a branch of its parent.
pub(super) struct Reach(pub(super) Addr<Supervisor>);

impl Branch for Reach {
    fn show(&self, path: Vec<String>, limit: usize) -> BranchFuture<Option<super::ActorInfo>> {
        show::ask(&self.0, path, limit)
    }

    fn operate(
        &self,
        path: Vec<String>,
        verb: Verb,
        by: String,
    ) -> BranchFuture<Result<(), OperateError>> {
        operate::ask(&self.0, path, verb, by)
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
