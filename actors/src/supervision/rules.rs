//! What a supervisor does, decided: a pure state machine after erlang/otp `lib/stdlib/src/supervisor.erl`.
//!
//! No actor and no clock in here: inputs carry the time since the supervisor started, answers are the orders to carry
//! out, in their order. Each seat is one child's place, in start order:
//!
//! | status | becomes | by |
//! |---|---|---|
//! | Ready | Running | nothing is being stopped, nobody it depends on waits |
//! | Running | Ready, Waiting, Stopped | it ended: at once, after its backoff, for good |
//! | Running | Doomed | its group restarts, an operator or a shutdown stops it |
//! | Doomed | Stopping | no other child is stopping and none after it is doomed |
//! | Doomed, Stopping, Lost | Ready, Stopped | it ended |
//! | Stopping | Stopping, killed | its shutdown time is over |
//! | Stopping, killed | Lost | not even the kill helped: go on without it |
//! | Waiting | Ready | its backoff is over, or an operator is impatient |
//! | Waiting, Ready, Stopped | Stopped, Ready | an operator |
//!
//! Different from OTP, each for a reason. Nothing blocks: exits that come while a group is being stopped count at once.
//! A backoff lies between an exit and its restart; a group stops at once and starts when the one that failed may. A
//! child that fails while it is started counts as ended. What an operator stopped stays stopped when its group
//! restarts. A temporary child that ended keeps its seat, so that an operator sees it and may start it again.

use std::time::Duration;

use super::seat::{Next, Seat, SeatStatus};
use super::{Exit, Intensity, OperateError, Strategy};

/// What the supervisor is to do. Children are numbered in start order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Start the child; `attempt` is 0 unless it is the restart of one that ended.
    Start {
        /// Which child.
        child: usize,
        /// Which restart in a row this is.
        attempt: u32,
    },
    /// Say [`Rules::due`] with this ticket after `delay`.
    Wait {
        /// Which child waits.
        child: usize,
        /// For how long.
        delay: Duration,
        /// Which restart in a row it waits for.
        attempt: u32,
        /// To be handed back; a stale ticket is ignored.
        ticket: u64,
    },
    /// Ask the child to end, and say [`Rules::overdue`] when its shutdown time is over.
    Stop(usize),
    /// Kill the child, and say [`Rules::overdue`] when it is not gone after a grace.
    Kill(usize),
    /// The child outlived its kill: go on without it.
    Abandon(usize),
    /// The restart limit is reached, for this reason; the orders to stop all children and to end follow.
    GiveUp(String),
    /// No child runs any more: end, abnormally if there is a reason.
    End(Option<String>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Phase {
    Serving,
    /// Everything is being stopped; the reason makes the end abnormal.
    Ending(Option<String>),
    Over,
}

/// The rules of one supervisor, and where each of its children is.
#[derive(Debug, Clone)]
pub struct Rules {
    strategy: Strategy,
    intensity: Intensity,
    seats: Vec<Seat>,
    /// When each restart within the window happened.
    restarts: Vec<Duration>,
    phase: Phase,
    tickets: u64,
    orders: Vec<Order>,
}

impl Rules {
    /// The rules for these children, in start order; none is running.
    pub fn new(strategy: Strategy, intensity: Intensity, seats: Vec<Seat>) -> Self {
        let (restarts, orders) = (Vec::new(), Vec::new());
        Self { strategy, intensity, seats, restarts, phase: Phase::Serving, tickets: 0, orders }
    }

    /// Where the child is.
    pub fn status(&self, child: usize) -> SeatStatus {
        self.seats[child].status
    }

    /// Begins: starts all children in order.
    pub fn start(&mut self, now: Duration) -> Vec<Order> {
        self.advance(now)
    }

    /// The child ended, and every lifeline of it is gone.
    pub fn ended(&mut self, child: usize, exit: &Exit, now: Duration) -> Vec<Order> {
        match self.seats[child].status {
            SeatStatus::Running(since) => self.fell(child, exit, since, now),
            SeatStatus::Doomed(next)
            | SeatStatus::Stopping(next)
            | SeatStatus::Dying(next)
            | SeatStatus::Lost(next) => {
                self.seats[child].status = match next {
                    Next::Start => SeatStatus::Ready,
                    Next::Stay => SeatStatus::Stopped,
                };
            }
            SeatStatus::Ready | SeatStatus::Waiting(_) | SeatStatus::Stopped => (),
        }
        self.advance(now)
    }

    /// The wait with this ticket is over.
    pub fn due(&mut self, child: usize, ticket: u64, now: Duration) -> Vec<Order> {
        if self.seats[child].status == SeatStatus::Waiting(ticket) {
            self.seats[child].status = SeatStatus::Ready;
        }
        self.advance(now)
    }

    /// The child has not ended in the time it was given by the last [`Order::Stop`] or [`Order::Kill`].
    pub fn overdue(&mut self, child: usize, now: Duration) -> Vec<Order> {
        let seat = &mut self.seats[child];
        match seat.status {
            SeatStatus::Stopping(next) => {
                seat.status = SeatStatus::Dying(next);
                self.orders.push(Order::Kill(child));
            }
            SeatStatus::Dying(next) => {
                seat.status = SeatStatus::Lost(next);
                self.orders.push(Order::Abandon(child));
            }
            _ => (),
        }
        self.advance(now)
    }

    /// An operator stops the child (OTP's `terminate_child`): it stays stopped until resumed or restarted.
    pub fn stop(&mut self, child: usize, now: Duration) -> Result<Vec<Order>, OperateError> {
        self.refuse_while_ending()?;
        let seat = &mut self.seats[child];
        (seat.held, seat.attempt) = (true, 0);
        seat.doom(Next::Stay);
        Ok(self.advance(now))
    }

    /// An operator starts the child that does not run (OTP's `restart_child`), without waiting for its backoff.
    pub fn resume(&mut self, child: usize, now: Duration) -> Result<Vec<Order>, OperateError> {
        if matches!(self.seats[child].status, SeatStatus::Running(_)) {
            return Err(OperateError::NotNow(
                "it is running already; use restart to start it afresh".into(),
            ));
        }
        self.restart(child, now)
    }

    /// An operator restarts the child: it is stopped if it runs, then started. Counts against no limit, and nobody
    /// else is restarted with it.
    pub fn restart(&mut self, child: usize, now: Duration) -> Result<Vec<Order>, OperateError> {
        self.refuse_while_ending()?;
        let seat = &mut self.seats[child];
        (seat.held, seat.attempt) = (false, 0);
        match seat.status {
            SeatStatus::Waiting(_) => seat.status = SeatStatus::Ready,
            _ => seat.doom(Next::Start),
        }
        Ok(self.advance(now))
    }

    /// Stops all children in reverse start order, then ends.
    pub fn shutdown(&mut self, now: Duration) -> Vec<Order> {
        if self.phase == Phase::Serving {
            self.end(None);
        }
        self.advance(now)
    }

    fn refuse_while_ending(&self) -> Result<(), OperateError> {
        match self.phase {
            Phase::Serving => Ok(()),
            Phase::Ending(_) | Phase::Over => Err(OperateError::NotNow(
                "its supervisor is shutting down; try again when it has been started anew".into(),
            )),
        }
    }

    fn end(&mut self, reason: Option<String>) {
        self.phase = Phase::Ending(reason);
        for seat in &mut self.seats {
            seat.doom(Next::Stay);
        }
    }

    /// A child ended that nobody had asked to.
    fn fell(&mut self, child: usize, exit: &Exit, since: Duration, now: Duration) {
        let seat = &mut self.seats[child];
        seat.status = SeatStatus::Stopped;
        if !seat.restarts_after(exit) {
            return;
        }
        if now.saturating_sub(since) >= seat.backoff.max {
            seat.attempt = 0;
        }
        seat.attempt = seat.attempt.saturating_add(1);
        if self.counts_beyond_limit(now) {
            self.give_up(child, exit);
        } else {
            self.restart_group(child);
        }
    }

    fn counts_beyond_limit(&mut self, now: Duration) -> bool {
        let within = self.intensity.within;
        self.restarts.push(now);
        self.restarts.retain(|at| now.saturating_sub(*at) <= within);
        self.restarts.len() > self.intensity.restarts as usize
    }

    fn give_up(&mut self, child: usize, exit: &Exit) {
        let Intensity { restarts, within } = self.intensity;
        let id = &self.seats[child].id;
        let reason =
            format!("reached its restart limit of {restarts} in {within:?}: its child {id} {exit}");
        self.orders.push(Order::GiveUp(reason.clone()));
        self.end(Some(reason));
    }

    fn restart_group(&mut self, failed: usize) {
        let group = match self.strategy {
            Strategy::OneForOne => failed..failed + 1,
            Strategy::OneForAll => 0..self.seats.len(),
            Strategy::RestForOne => failed..self.seats.len(),
        };
        for (child, seat) in self.seats.iter_mut().enumerate() {
            if group.contains(&child) && child != failed {
                let next = if seat.restarts_with_group() { Next::Start } else { Next::Stay };
                seat.doom(next);
            }
        }
        self.back_off(failed);
    }

    fn back_off(&mut self, child: usize) {
        let seat = &mut self.seats[child];
        let (attempt, delay) = (seat.attempt, seat.backoff.delay(&seat.id, seat.attempt));
        self.tickets += 1;
        let ticket = self.tickets;
        seat.status = SeatStatus::Waiting(ticket);
        self.orders.push(Order::Wait { child, delay, attempt, ticket });
    }

    /// Goes on as far as it can without waiting for anything, and gives the orders.
    fn advance(&mut self, now: Duration) -> Vec<Order> {
        let busy =
            |seat: &Seat| matches!(seat.status, SeatStatus::Stopping(_) | SeatStatus::Dying(_));
        if !self.seats.iter().any(busy) && !self.stop_next() {
            self.end_or_start(now);
        }
        std::mem::take(&mut self.orders)
    }

    /// Stops the last child that is to be stopped, if there is one.
    fn stop_next(&mut self) -> bool {
        let last =
            self.seats.iter_mut().enumerate().rev().find_map(|(child, seat)| match seat.status {
                SeatStatus::Doomed(next) => Some((child, seat, next)),
                _ => None,
            });
        let Some((child, seat, next)) = last else {
            return false;
        };
        seat.status = SeatStatus::Stopping(next);
        self.orders.push(Order::Stop(child));
        true
    }

    fn end_or_start(&mut self, now: Duration) {
        match std::mem::replace(&mut self.phase, Phase::Over) {
            Phase::Ending(reason) => self.orders.push(Order::End(reason)),
            Phase::Over => (),
            Phase::Serving => {
                self.phase = Phase::Serving;
                self.start_ready(now);
            }
        }
    }

    fn start_ready(&mut self, now: Duration) {
        for child in 0..self.seats.len() {
            if self.seats[child].status == SeatStatus::Ready && !self.is_held_up(child) {
                let seat = &mut self.seats[child];
                seat.status = SeatStatus::Running(now);
                self.orders.push(Order::Start { child, attempt: seat.attempt });
            }
        }
    }

    fn is_held_up(&self, child: usize) -> bool {
        match self.strategy {
            Strategy::OneForOne => false,
            Strategy::OneForAll => self.seats.iter().any(Seat::holds_up),
            Strategy::RestForOne => self.seats[..child].iter().any(Seat::holds_up),
        }
    }
}
