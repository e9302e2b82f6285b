//! A house with schedules, and a world in which things are started.

use crate::kit::{Scene, Stage, id, name};
use callboard_actors::entity::{Directory, HostSettings, Hosts, Scheduler};
use callboard_actors::journal::{Inspection, Journal};
use callboard_actors::schedules::{
    Begin, Command, Firing, Hitch, Made, Missed, Order, Overlap, Performer, Schedule, Spec, Start,
    Timing, UTC,
};
use callboard_actors::supervision::{Hold, Lifeline, start_here};
use callboard_actors::system::rebuild_tables;
use callboard_actors::vocabulary::{Hash, ProcessId, Timestamp};
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use serde_json::{Map, Value};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// When the first life of every scene begins: 2001-09-09T01:46:40Z, so the next minute is 20 s away.
pub(crate) const BEGIN: i64 = 1_000_000_000_000;

/// In which things are started; it outlives crashes.
#[derive(Clone, Default)]
pub(crate) struct World(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    /// Everything that was ever asked for, in order.
    asked: Vec<Firing>,
    /// What goes wrong with those to come.
    hitches: VecDeque<Hitch>,
    runs: bool,
}

impl World {
    pub(crate) fn hitch(&self, hitch: Hitch) {
        self.0.lock().unwrap().hitches.push_back(hitch);
    }

    fn ask(&self, firing: &Firing) -> Result<(), Hitch> {
        let mut inner = self.0.lock().unwrap();
        if let Some(hitch) = inner.hitches.pop_front() {
            return Err(hitch);
        }
        inner.asked.push(firing.clone());
        Ok(())
    }

    /// Whether what was started still runs.
    pub(crate) fn runs(&self, runs: bool) {
        self.0.lock().unwrap().runs = runs;
    }

    /// What was started: the seconds from the first life's first full minute to when each was to be. What is asked
    /// for twice by the same name is the same.
    pub(crate) fn started(&self) -> Vec<i64> {
        let mut asked = self.0.lock().unwrap().asked.clone();
        let mut names = std::collections::BTreeSet::new();
        asked.retain(|firing| names.insert(firing.name()));
        asked.iter().map(|firing| (firing.due.0 - BEGIN) / 1_000 - 20).collect()
    }

    /// How often something was asked for.
    pub(crate) fn asked(&self) -> usize {
        self.0.lock().unwrap().asked.len()
    }
}

impl Begin for World {
    fn begin(&self, firing: Firing) -> LocalBoxFuture<'static, Result<Made, Hitch>> {
        let world = self.clone();
        async move {
            // What is started takes a moment, in which a house may fall.
            tokio::time::sleep(Duration::from_millis(3)).await;
            world.ask(&firing)?;
            tokio::time::sleep(Duration::from_millis(3)).await;
            Ok(Made::ProcessId(ProcessId(firing.name())))
        }
        .boxed_local()
    }

    fn is_running(&self, _made: Made) -> LocalBoxFuture<'static, Result<bool, Hitch>> {
        std::future::ready(Ok(self.0.lock().unwrap().runs)).boxed_local()
    }
}

/// A house at work; it falls with its stage.
pub(crate) struct House {
    pub(crate) journal: Journal,
    pub(crate) schedules: Directory<Schedule>,
    _rest: Vec<Hold>,
}

impl House {
    pub(crate) fn on(stage: &Stage, world: &World) -> Self {
        let journal = stage.journal.clone();
        let host = HostSettings { drain: Duration::ZERO, ..stage.lamps.settings().clone() };
        let schedules = Directory::<Schedule>::new(journal.clone(), host);
        let line = || Lifeline::new(Box::new(|_| ()));
        let performer = Performer::new(world.clone());
        let rest = vec![
            start_here(line(), |line| Hosts::new(schedules.clone(), performer, line)).hold,
            start_here(line(), |line| Scheduler::new(schedules.clone(), line)).hold,
        ];
        Self { journal, schedules, _rest: rest }
    }

    /// Makes a schedule; again, it is the same.
    pub(crate) async fn create(&self, of: &str, spec: Spec) {
        let order = Order { spec, asked: Hash::of(b"") };
        let command = Command::CreateSchedule(Box::new(order));
        self.schedules.tell(&name(of), id(of), command).await.unwrap();
    }

    pub(crate) async fn tell(&self, of: &str, command: Command) {
        let id = callboard_actors::vocabulary::MessageId::fresh();
        self.schedules.tell(&name(of), id, command).await.unwrap();
    }

    pub(crate) async fn schedule(&self, of: &str) -> Schedule {
        self.schedules.state(&name(of)).await.unwrap()
    }

    pub(crate) async fn row(&self, of: &str) -> Map<String, Value> {
        let stream = Directory::<Schedule>::stream(&name(of));
        self.journal.reader().row("schedules", stream).await.unwrap().unwrap()
    }
}

pub(crate) async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

/// Each minute.
pub(crate) fn minutely(missed: Missed) -> Spec {
    let timing = Timing::Cron { cron: "* * * * *".into(), zone: UTC.into() };
    Spec { missed, timing, ..once(0) }
}

/// So many seconds after the first full minute.
pub(crate) fn once(seconds: i64) -> Spec {
    Spec {
        timing: Timing::Once { at: Timestamp(BEGIN + (20 + seconds) * 1_000) },
        start: Start::Process(Map::new()),
        missed: Missed::Once,
        overlap: Overlap::Start,
        tolerance_s: 30,
    }
}

/// What `verify` and the comparison of read models find.
pub(crate) fn findings(scene: &Scene) -> Vec<String> {
    let home = scene.home();
    let inspection = Inspection::open(home.database()).unwrap();
    let found = inspection.verify(&home, &rebuild_tables()).unwrap();
    found.into_iter().map(|f| format!("{}: {}", f.check, f.what)).collect()
}
