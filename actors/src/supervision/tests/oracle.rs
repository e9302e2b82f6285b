//! OTP's rules once more, written from `supervisor.erl` and sharing nothing with `rules.rs` but the backoff's delays:
//! a supervisor that blocks while it terminates children, as the Erlang one does, and logs what it starts and stops.

use std::time::Duration;

use super::super::{Backoff, Exit, Intensity, Restart, Strategy};

/// A child's `pid` field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pid {
    Alive,
    Undefined,
    /// Ended; its restart is tried at this time.
    Restarting(Duration),
    /// Terminated with the group of one that is restarting.
    WithGroup,
}

pub(super) struct Otp {
    pub(super) strategy: Strategy,
    pub(super) intensity: Intensity,
    pub(super) backoff: Backoff,
    pub(super) kinds: Vec<Restart>,
    pub(super) pids: Vec<Pid>,
    pub(super) terminated_by_hand: Vec<bool>,
    /// Per child: restarts in a row, and when it was last started.
    pub(super) rows: Vec<(u32, Duration)>,
    pub(super) restarts: Vec<Duration>,
    pub(super) log: Vec<String>,
    pub(super) over: bool,
}

impl Otp {
    pub(super) fn new(
        strategy: Strategy,
        intensity: Intensity,
        backoff: Backoff,
        kinds: &[Restart],
    ) -> Self {
        let n = kinds.len();
        let mut otp = Self {
            strategy,
            intensity,
            backoff,
            kinds: kinds.to_vec(),
            pids: vec![Pid::Undefined; n],
            terminated_by_hand: vec![false; n],
            rows: vec![(0, Duration::ZERO); n],
            restarts: Vec::new(),
            log: Vec::new(),
            over: false,
        };
        (0..n).for_each(|child| otp.do_start_child(child, Duration::ZERO));
        otp
    }

    fn do_start_child(&mut self, child: usize, now: Duration) {
        self.log.push(format!("start {child}"));
        self.pids[child] = Pid::Alive;
        self.rows[child].1 = now;
    }

    fn do_terminate(&mut self, child: usize) {
        if self.pids[child] == Pid::Alive {
            self.log.push(format!("stop {child}"));
        }
        self.pids[child] = Pid::Undefined;
    }

    /// `handle_info({'EXIT', ...})`.
    pub(super) fn exit(&mut self, child: usize, exit: &Exit, now: Duration) {
        if self.over || self.pids[child] != Pid::Alive {
            return;
        }
        self.pids[child] = Pid::Undefined;
        match (self.kinds[child], exit) {
            (Restart::Transient, Exit::Normal) | (Restart::Temporary, _) => (),
            (Restart::Permanent | Restart::Transient, _) => self.restart(child, now),
        }
    }

    fn restart(&mut self, child: usize, now: Duration) {
        self.restarts.insert(0, now);
        let window = self.intensity.within;
        let recent = self.restarts.iter().filter(|at| **at + window >= now).count();
        if recent > self.intensity.restarts as usize {
            self.log.push("give up".to_owned());
            return self.terminate_all();
        }
        let (row, since) = self.rows[child];
        let row = if since + self.backoff.max <= now { 1 } else { row + 1 };
        self.rows[child].0 = row;
        let others: Vec<usize> = match self.strategy {
            Strategy::OneForOne => Vec::new(),
            Strategy::OneForAll => (0..self.pids.len()).filter(|other| *other != child).collect(),
            Strategy::RestForOne => (child + 1..self.pids.len()).collect(),
        };
        for other in others.into_iter().rev() {
            if matches!(self.pids[other], Pid::Restarting(_)) {
                continue;
            }
            self.do_terminate(other);
            if self.kinds[other] != Restart::Temporary && !self.terminated_by_hand[other] {
                self.pids[other] = Pid::WithGroup;
            }
        }
        self.pids[child] = Pid::Restarting(now + self.backoff.delay(&child.to_string(), row));
        self.try_again(now);
    }

    /// `try_again_restart`, for all whose time has come; then their groups, in start order.
    pub(super) fn try_again(&mut self, now: Duration) {
        for child in 0..self.pids.len() {
            if matches!(self.pids[child], Pid::Restarting(at) if at <= now) {
                self.pids[child] = Pid::WithGroup;
            }
        }
        for child in 0..self.pids.len() {
            let heads = match self.strategy {
                Strategy::OneForOne => 0..0,
                Strategy::OneForAll => 0..self.pids.len(),
                Strategy::RestForOne => 0..child,
            };
            let waits = self.pids[heads].iter().any(|pid| matches!(pid, Pid::Restarting(_)));
            if self.pids[child] == Pid::WithGroup && !waits {
                self.do_start_child(child, now);
            }
        }
    }

    /// When the next restart is to be tried.
    pub(super) fn next_try(&self) -> Option<Duration> {
        let tries = self.pids.iter().filter_map(|pid| match pid {
            Pid::Restarting(at) => Some(*at),
            _ => None,
        });
        tries.min()
    }

    /// `terminate_child`.
    pub(super) fn terminate_child(&mut self, child: usize, now: Duration) {
        if self.over {
            return;
        }
        self.terminated_by_hand[child] = true;
        self.rows[child].0 = 0;
        self.do_terminate(child);
        self.try_again(now);
    }

    /// `restart_child`.
    pub(super) fn restart_child(&mut self, child: usize, now: Duration) {
        if self.over || self.pids[child] == Pid::Alive {
            return;
        }
        self.terminated_by_hand[child] = false;
        self.rows[child].0 = 0;
        self.pids[child] = Pid::WithGroup;
        self.try_again(now);
    }

    pub(super) fn terminate_all(&mut self) {
        if !self.over {
            (0..self.pids.len()).rev().for_each(|child| self.do_terminate(child));
            self.log.push("end".to_owned());
            self.over = true;
        }
    }

    pub(super) fn running(&self) -> Vec<usize> {
        (0..self.pids.len()).filter(|child| self.pids[*child] == Pid::Alive).collect()
    }
}
