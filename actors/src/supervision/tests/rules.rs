//! The rules against the oracle, and what has to hold however slowly children end.

use std::collections::VecDeque;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::{
    Backoff, Exit, Intensity, Order, Restart, Rules, Seat, SeatStatus, Strategy as Way,
};
use super::oracle::Otp;

#[derive(Debug, Clone)]
enum Step {
    Exit(usize, Exit),
    Stop(usize),
    Resume(usize),
    Restart(usize),
    Advance(u64),
    Shutdown,
}

#[derive(Debug, Clone)]
struct Setup {
    way: Way,
    intensity: Intensity,
    backoff: Backoff,
    kinds: Vec<Restart>,
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn exits() -> impl Strategy<Value = Exit> {
    select(vec![Exit::Normal, Exit::Error("e".into()), Exit::Panicked("p".into()), Exit::Killed])
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        12 => (0..5_usize, exits()).prop_map(|(child, exit)| Step::Exit(child, exit)),
        2 => (0..5_usize).prop_map(Step::Stop),
        2 => (0..5_usize).prop_map(Step::Resume),
        2 => (0..5_usize).prop_map(Step::Restart),
        6 => (1..20_u64).prop_map(|tenths| Step::Advance(tenths * 100)),
        1 => Just(Step::Shutdown),
    ];
    vec(step, 1..60)
}

fn setups() -> impl Strategy<Value = Setup> {
    let way = select(vec![Way::OneForOne, Way::OneForAll, Way::RestForOne]);
    let kinds = vec(select(vec![Restart::Permanent, Restart::Transient, Restart::Temporary]), 1..5);
    (way, 0..6_u32, 1..40_u64, select(vec![0_u64, 0, 100, 700]), kinds).prop_map(
        |(way, restarts, within, first, kinds)| Setup {
            way,
            intensity: Intensity { restarts, within: ms(within * 100) },
            backoff: Backoff { first: ms(first), max: ms(first * 4) },
            kinds,
        },
    )
}

/// A world in which orders are carried out: children end when asked to, at once or when the test says so.
struct World {
    rules: Rules,
    now: Duration,
    prompt: bool,
    alive: Vec<bool>,
    waits: Vec<(Duration, usize, u64)>,
    asked: Vec<usize>,
    log: Vec<String>,
}

impl World {
    fn new(setup: &Setup, prompt: bool) -> Self {
        let seat =
            |(child, kind): (usize, &Restart)| Seat::new(child.to_string(), *kind, setup.backoff);
        let rules = Rules::new(
            setup.way,
            setup.intensity,
            setup.kinds.iter().enumerate().map(seat).collect(),
        );
        let alive = vec![false; setup.kinds.len()];
        let (waits, asked, log) = (Vec::new(), Vec::new(), Vec::new());
        let mut world = Self { rules, now: Duration::ZERO, prompt, alive, waits, asked, log };
        let orders = world.rules.start(world.now);
        world.obey(orders);
        world
    }

    fn obey(&mut self, orders: Vec<Order>) {
        let mut orders = VecDeque::from(orders);
        while let Some(order) = orders.pop_front() {
            orders.extend(self.obey_one(&order));
        }
    }

    fn obey_one(&mut self, order: &Order) -> Vec<Order> {
        match *order {
            Order::Start { child, .. } => {
                assert!(!self.alive[child], "two incarnations of {child}: {:?}", self.log);
                self.alive[child] = true;
                self.log.push(format!("start {child}"));
            }
            Order::Wait { child, delay, ticket, .. } if delay.is_zero() => {
                return self.rules.due(child, ticket, self.now);
            }
            Order::Wait { child, delay, ticket, .. } => {
                self.waits.push((self.now + delay, child, ticket));
            }
            Order::Stop(child) => return self.stop(child),
            Order::GiveUp(_) => self.log.push("give up".into()),
            Order::End(_) => {
                assert!(
                    self.alive.iter().all(|alive| !alive),
                    "ended before its children: {:?}",
                    self.log
                );
                self.log.push("end".into());
            }
            Order::Kill(_) | Order::Abandon(_) => panic!("nobody was late"),
        }
        Vec::new()
    }

    fn stop(&mut self, child: usize) -> Vec<Order> {
        assert!(self.alive[child], "stopped {child}, which does not run: {:?}", self.log);
        self.log.push(format!("stop {child}"));
        if self.prompt {
            self.alive[child] = false;
            return self.rules.ended(child, &Exit::Normal, self.now);
        }
        self.asked.push(child);
        assert_eq!(self.asked.len(), 1, "two are stopping at once");
        Vec::new()
    }

    fn exit(&mut self, child: usize, exit: &Exit) {
        if std::mem::take(&mut self.alive[child]) {
            self.asked.retain(|asked| *asked != child);
            let orders = self.rules.ended(child, exit, self.now);
            self.obey(orders);
        }
    }

    fn advance(&mut self, by: u64) {
        let end = self.now + ms(by);
        while let Some(next) = self.waits.iter().map(|wait| wait.0).filter(|at| *at <= end).min() {
            self.now = next;
            // In start order, as timers of one instant have no other.
            self.waits.sort();
            let (_, child, ticket) = self.waits.remove(0);
            let orders = self.rules.due(child, ticket, self.now);
            self.obey(orders);
        }
        self.now = end;
    }

    fn step(&mut self, step: &Step) {
        let n = self.alive.len();
        let orders = match step {
            Step::Exit(child, exit) => return self.exit(child % n, exit),
            Step::Advance(by) => return self.advance(*by),
            Step::Stop(child) => self.rules.stop(child % n, self.now),
            Step::Resume(child) => self.rules.resume(child % n, self.now),
            Step::Restart(child) => self.rules.restart(child % n, self.now),
            Step::Shutdown => Ok(self.rules.shutdown(self.now)),
        };
        self.obey(orders.unwrap_or_default());
    }

    fn running(&self) -> Vec<usize> {
        let runs = |child: &usize| matches!(self.rules.status(*child), SeatStatus::Running(_));
        (0..self.alive.len()).filter(runs).collect()
    }
}

fn step_otp(otp: &mut Otp, step: &Step, now: &mut Duration) {
    let n = otp.pids.len();
    match step {
        Step::Exit(child, exit) => otp.exit(child % n, exit, *now),
        Step::Stop(child) => otp.terminate_child(child % n, *now),
        Step::Resume(child) => otp.restart_child(child % n, *now),
        Step::Restart(child) => {
            // An operator's restart is OTP's terminate_child, then restart_child.
            if otp.pids[child % n] == super::oracle::Pid::Alive {
                otp.terminate_child(child % n, *now);
            }
            otp.restart_child(child % n, *now);
        }
        Step::Shutdown => otp.terminate_all(),
        Step::Advance(by) => {
            let end = *now + ms(*by);
            while let Some(next) = otp.next_try().filter(|at| *at <= end) {
                *now = next;
                otp.try_again(next);
            }
            *now = end;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_rules_start_and_stop_exactly_what_otp_does_in_the_same_order(setup in setups(), steps in steps()) {
        let mut world = World::new(&setup, true);
        let mut otp = Otp::new(setup.way, setup.intensity, setup.backoff, &setup.kinds);
        let mut now = Duration::ZERO;
        for step in &steps {
            world.step(step);
            step_otp(&mut otp, step, &mut now);
            prop_assert_eq!(&world.log, &otp.log, "after {:?}", step);
            prop_assert_eq!(world.running(), otp.running(), "after {:?}", step);
        }
    }

    #[test]
    fn however_slowly_children_end_none_runs_twice_and_one_at_a_time_is_stopped(setup in setups(), steps in steps()) {
        let mut world = World::new(&setup, false);
        for step in &steps {
            world.step(step);
        }
        let orders = world.rules.shutdown(world.now);
        world.obey(orders);
        while let Some(asked) = world.asked.first().copied() {
            world.exit(asked, &Exit::Normal);
        }
        prop_assert_eq!(world.log.last().map(String::as_str), Some("end"));
    }
}

fn three(way: Way, restarts: u32) -> World {
    let setup = Setup {
        way,
        intensity: Intensity { restarts, within: ms(5_000) },
        backoff: Backoff { first: ms(100), max: ms(1_000) },
        kinds: vec![Restart::Permanent; 3],
    };
    World::new(&setup, false)
}

#[test]
fn a_child_that_ignores_its_stop_is_killed_and_then_left_behind() {
    let mut rules = three(Way::OneForOne, 1).rules;
    assert_eq!(rules.shutdown(ms(1)), [Order::Stop(2)]);
    assert_eq!(rules.overdue(2, ms(2)), [Order::Kill(2)]);
    assert_eq!(rules.overdue(2, ms(3)), [Order::Abandon(2), Order::Stop(1)]);
    assert_eq!(rules.ended(1, &Exit::Normal, ms(4)), [Order::Stop(0)]);
    assert_eq!(rules.ended(0, &Exit::Normal, ms(5)), [Order::End(None)]);
}

#[test]
fn a_child_that_was_left_behind_is_started_again_only_when_it_has_ended() {
    let mut rules = three(Way::RestForOne, 1).rules;
    assert_eq!(rules.restart(1, ms(1)).unwrap(), [Order::Stop(1)]);
    assert_eq!(rules.overdue(1, ms(2)), [Order::Kill(1)]);
    assert_eq!(rules.overdue(1, ms(3)), [Order::Abandon(1)]);
    assert_eq!(rules.ended(1, &Exit::Killed, ms(9)), [Order::Start { child: 1, attempt: 0 }]);
}

#[test]
fn giving_up_stops_the_others_in_reverse_order_and_says_why() {
    let mut rules = three(Way::OneForOne, 0).rules;
    let reason = "reached its restart limit of 0 in 5s: its child 0 panicked: oh";
    let orders = rules.ended(0, &Exit::Panicked("oh".into()), ms(1));
    assert_eq!(orders, [Order::GiveUp(reason.into()), Order::Stop(2)]);
    assert_eq!(rules.ended(2, &Exit::Normal, ms(1)), [Order::Stop(1)]);
    assert_eq!(rules.ended(1, &Exit::Normal, ms(1)), [Order::End(Some(reason.into()))]);
}

#[test]
fn a_shutdown_calls_off_the_restart_that_waits() {
    let mut world = three(Way::OneForOne, 5);
    world.exit(0, &Exit::Killed);
    world.exit(0, &Exit::Killed);
    assert_eq!(world.waits.len(), 1);
    world.step(&Step::Shutdown);
    world.exit(2, &Exit::Normal);
    world.exit(1, &Exit::Normal);
    world.advance(10_000);
    assert_eq!(world.log[3..], ["start 0", "stop 2", "stop 1", "end"]);
}

#[test]
fn the_backoff_is_immediate_then_doubles_to_its_maximum_less_at_most_a_quarter() {
    let backoff = Backoff { first: ms(100), max: ms(1_000) };
    let delays: Vec<Duration> = (1..9).map(|attempt| backoff.delay("x", attempt)).collect();
    for (delay, full) in delays.iter().zip([0, 100, 200, 400, 800, 1_000, 1_000, 1_000]) {
        assert!(*delay <= ms(full) && *delay >= ms(full) * 3 / 4, "{delay:?} for {full}");
    }
    assert_eq!(backoff.delay("x", 3), backoff.delay("x", 3));
    assert_ne!(backoff.delay("x", 3), backoff.delay("y", 3));
    assert_ne!(backoff.delay("x", 7), backoff.delay("x", 8));
    assert!(backoff.delay("x", u32::MAX) <= ms(1_000));
}

#[test]
fn a_child_that_ran_long_enough_is_restarted_at_once_again() {
    let mut world = three(Way::OneForOne, 9);
    world.exit(0, &Exit::Killed);
    world.exit(0, &Exit::Killed);
    assert_eq!(world.waits.len(), 1, "the second restart in a row waits");
    world.advance(100);
    world.advance(1_000);
    world.exit(0, &Exit::Killed);
    assert!(world.waits.is_empty() && world.alive[0], "{:?}", world.waits);
}
