//! Building the tree, starting it, stopping it.

use super::integrity::Checker;
use super::monitor::{Monitor, Watch};
use super::performance::Summing;
use super::record::JournalRecord;
use super::sweeper::Sweeper;
use super::tuning::Tuner;
use super::warnings::Warnings;
use crate::agents::{Agent, Follower, Idle, Life};
use crate::bus::Hub;
use crate::entity::{Directory, EntityBranch, HostSettings, Hosts, Scheduler};
use crate::journal::{Home, Journal, JournalSettings, OpenError, Parked, SweepSettings, Writer};
use crate::machine::{Machine, Perform};
use crate::nodes::{self, Node};
use crate::processes::{Admission, Execute, Limits, Performer, Process};
use crate::schedules::{self, Begin, Nobody, Schedule};
use crate::sessions::{Scribe, Session};
use crate::shared::Turns;
use crate::supervision::{
    ChildSpec, Exit, Intensity, Record, RootHandle, Shutdown, SpecError, Strategy, start_root,
};
use crate::tools::Toolset;
use crate::vocabulary::Clock;
use crate::workflows::{self, RootPurse, Workflow};
use crate::workspaces::{Clerk, Workspaces};
use actix::{ActorContext, Context, Handler};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How the system works.
#[derive(Debug, Clone)]
pub struct SystemSettings {
    /// How the journal works.
    pub journal: JournalSettings,
    /// How entities are hosted.
    pub host: HostSettings,
    /// How many attempts may run at once, by runtime.
    pub limits: BTreeMap<String, usize>,
    /// When debris and old content go.
    pub sweep: SweepSettings,
    /// How often that is looked after.
    pub sweep_every: Duration,
    /// A start has settled after this long.
    pub settle: Duration,
    /// After this many starts in a row that did not settle, entities are held; 0: never.
    pub unsettled_starts: u32,
}

/// What is there before anything runs: the edges are built upon it.
#[derive(Debug, Clone)]
pub struct Parts {
    /// The journal.
    pub journal: Journal,
    /// All sessions.
    pub sessions: Directory<Session>,
    /// All processes.
    pub processes: Directory<Process>,
    /// All agents.
    pub agents: Directory<Agent>,
    /// All nodes of workflows.
    pub nodes: Directory<Node>,
    /// All workflows.
    pub workflows: Directory<Workflow>,
    /// All schedules.
    pub schedules: Directory<Schedule>,
    /// This life of the server: whose connections are whose.
    pub life: Life,
    /// All workspaces, and what was changed in them.
    pub workspaces: Workspaces,
    /// All durable subscriptions.
    pub hub: Hub,
    /// What may change while the system runs.
    pub tuner: Tuner,
    /// What an operator should look at.
    pub warnings: Warnings,
    /// Those who change the same thing follow one another.
    pub turns: Turns,
    /// What models and nodes may call; none, until the program gives some.
    pub tools: Toolset,
    settings: SystemSettings,
}

/// The tree, at work.
#[derive(Clone)]
pub struct Running {
    /// Shows and operates every actor.
    pub root: RootHandle,
    journal: Journal,
}

/// Why the tree could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database could not be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The tree makes no sense.
    #[error(transparent)]
    Spec(#[from] SpecError),
}

impl Parts {
    /// Opens the home's journal.
    pub fn open(home: Home, settings: SystemSettings, clock: Clock) -> Result<Self, OpenError> {
        let journal = Journal::open(home, settings.journal.clone(), clock)?;
        let sessions = Directory::new(journal.clone(), settings.host.clone());
        let processes = Directory::new(journal.clone(), settings.host.clone());
        let agents = Directory::new(journal.clone(), settings.host.clone());
        let nodes = Directory::new(journal.clone(), settings.host.clone());
        let workflows = Directory::new(journal.clone(), settings.host.clone());
        let schedules = Directory::new(journal.clone(), settings.host.clone());
        let turns = Turns::default();
        let workspaces = Directory::new(journal.clone(), settings.host.clone());
        let workspaces = Workspaces::new(workspaces, turns.clone());
        let (life, hub) = (Life::default(), Hub::new(journal.clone()));
        let (tuner, warnings) = (Tuner::of(&settings), Warnings::new(journal.clone()));
        Ok(Self {
            journal,
            sessions,
            processes,
            agents,
            nodes,
            workflows,
            schedules,
            workspaces,
            life,
            hub,
            tuner,
            warnings,
            turns,
            tools: Toolset::default(),
            settings,
        })
    }

    /// Keeps the record of those who supervise on their own, below a service.
    pub fn record(&self) -> Arc<dyn Record> {
        Arc::new(JournalRecord(self.journal.clone()))
    }

    /// Starts the tree: `runtime` makes what asks the models, `edge` is what the program adds.
    pub fn start<E: Execute>(
        self,
        runtime: impl Fn() -> E + Send + Sync + 'static,
        edge: Vec<ChildSpec>,
    ) -> Result<Running, StartError> {
        self.start_with(runtime, || Nobody, Vec::new(), edge)
    }

    /// The same, with somebody who starts what is due by schedule, and with services of the program's own.
    pub fn start_with<E: Execute, B: Begin>(
        self,
        runtime: impl Fn() -> E + Send + Sync + 'static,
        begin: impl Fn() -> B + Send + Sync + 'static,
        services: Vec<ChildSpec>,
        edge: Vec<ChildSpec>,
    ) -> Result<Running, StartError> {
        self.hold_after_bad_starts();
        let sessions = self.sessions.clone();
        let scribe = Scribe::new(self.journal.files().clone());
        let runtime = Arc::new(runtime);
        let executors = Arc::clone(&runtime);
        let performer = move || Performer::new(executors(), sessions.clone());
        let (processes, tuner) = (self.processes.clone(), self.tuner.clone());
        let purse = RootPurse::new(self.workflows.clone());
        let tools = self.tools.clone();
        let turns = move || {
            let (tuner, prices) = (tuner.clone(), runtime());
            nodes::Performer::new(processes.clone(), move || tuner.orders(), tools.clone())
                .spending(purse.clone(), move |asked| prices.estimate(asked))
        };
        let (workflows, nodes) = (self.workflows.clone(), self.nodes.clone());
        let (processes, sessions) = (self.processes.clone(), self.sessions.clone());
        let tools = self.tools.clone();
        let steps = move || {
            let (workflows, nodes) = (workflows.clone(), nodes.clone());
            let (processes, sessions) = (processes.clone(), sessions.clone());
            workflows::Performer::new(workflows, nodes, processes, sessions, tools.clone())
        };
        let journal = self.journal.clone();
        let clerk = move || Clerk::new(journal.clone());
        let children = vec![
            self.writer(),
            hosts("sessions", &self.sessions, move || scribe.clone()),
            hosts("workspaces", self.workspaces.directory(), clerk),
            hosts("processes", &self.processes, performer),
            hosts("agents", &self.agents, || Idle),
            hosts("nodes", &self.nodes, turns),
            hosts("workflows", &self.workflows, steps),
            hosts("schedules", &self.schedules, move || schedules::Performer::new(begin())),
            supervisor("services", self.services().into_iter().chain(services).collect()),
            supervisor("edge", edge).essential(
                "the edge cannot be stopped, or nobody could start it again: restart it, or stop the program",
            ),
        ];
        let root = ChildSpec::supervisor("root", Strategy::RestForOne, INTENSITY, children);
        let root = start_root(&root, Arc::new(JournalRecord(self.journal.clone())))?;
        self.settle_later();
        Ok(Running { root, journal: self.journal })
    }

    fn writer(&self) -> ChildSpec {
        let journal = self.journal.clone();
        let make = move |lifeline| match journal.writer(lifeline) {
            Ok(writer) => writer,
            // A panic of the factory is an exit like any other: the supervisor tries again.
            Err(error) => panic!("{error}"),
        };
        ChildSpec::actor("journal", make).on_own_thread().shutdown(Duration::from_secs(30)).essential(
            "without the journal nobody could be answered: suspend /processes to have no more work begun, or stop the program",
        )
    }

    fn services(&self) -> Vec<ChildSpec> {
        let (processes, sessions) = (self.processes.clone(), self.sessions.clone());
        let (directory, tuner) = (self.processes.clone(), self.tuner.clone());
        let (journal, tuning) = (self.journal.clone(), self.tuner.clone());
        let checked = self.journal.clone();
        let (agents, life) = (self.agents.clone(), self.life.clone());
        let (nodes, workflows) = (self.nodes.clone(), self.workflows.clone());
        vec![
            ChildSpec::actor("session-scheduler", move |lifeline| {
                Scheduler::new(sessions.clone(), lifeline)
            }),
            ChildSpec::actor("process-scheduler", move |lifeline| {
                Scheduler::new(processes.clone(), lifeline)
            }),
            ChildSpec::actor("node-scheduler", move |lifeline| {
                Scheduler::new(nodes.clone(), lifeline)
            }),
            ChildSpec::actor("workflow-scheduler", move |lifeline| {
                Scheduler::new(workflows.clone(), lifeline)
            }),
            self.schedule_scheduler(),
            self.workspace_scheduler(),
            ChildSpec::actor("admission", move |lifeline| {
                Admission::new(directory.clone(), limits(&tuner), lifeline)
            }),
            ChildSpec::actor("agent-follower", move |lifeline| {
                Follower::new(agents.clone(), life.clone(), lifeline)
            }),
            ChildSpec::actor("sweeper", move |lifeline| Sweeper {
                journal: journal.clone(),
                tuner: tuning.clone(),
                _lifeline: lifeline,
            }),
            ChildSpec::actor("integrity", move |lifeline| Checker {
                journal: checked.clone(),
                _lifeline: lifeline,
            }),
            self.monitor(),
            self.summing(),
        ]
    }

    fn schedule_scheduler(&self) -> ChildSpec {
        let schedules = self.schedules.clone();
        ChildSpec::actor("schedule-scheduler", move |lifeline| {
            Scheduler::new(schedules.clone(), lifeline)
        })
    }

    fn workspace_scheduler(&self) -> ChildSpec {
        let workspaces = self.workspaces.directory().clone();
        ChildSpec::actor("workspace-scheduler", move |lifeline| {
            Scheduler::new(workspaces.clone(), lifeline)
        })
    }

    fn monitor(&self) -> ChildSpec {
        let watch = Watch {
            journal: self.journal.clone(),
            processes: self.processes.clone(),
            sessions: self.sessions.clone(),
            nodes: self.nodes.clone(),
            schedules: self.schedules.clone(),
            workspaces: self.workspaces.directory().clone(),
            tuner: self.tuner.clone(),
            warnings: self.warnings.clone(),
        };
        ChildSpec::actor("process-monitor", move |lifeline| Monitor {
            watch: watch.clone(),
            _lifeline: lifeline,
        })
    }

    fn summing(&self) -> ChildSpec {
        let (journal, tuner) = (self.journal.clone(), self.tuner.clone());
        ChildSpec::actor("metrics", move |lifeline| Summing {
            journal: journal.clone(),
            tuner: tuner.clone(),
            _lifeline: lifeline,
        })
    }

    /// A program that keeps dying at its start is not made better by doing the same again.
    fn hold_after_bad_starts(&self) {
        let (bad, limit) = (self.journal.unsettled_starts(), self.settings.unsettled_starts);
        if limit == 0 || bad < limit {
            return;
        }
        let why = format!(
            "the last {bad} starts ended within {} s: look at the logs, then resume /sessions, /workspaces, /processes, /agents, /nodes, /workflows and /schedules",
            self.settings.settle.as_secs()
        );
        tracing::error!("{why}");
        let since = self.journal.clock().now();
        let held = Parked { by: "start-up".into(), why, since, command: None, failed: false };
        self.sessions.hold(Some(held.clone()));
        self.workspaces.directory().hold(Some(held.clone()));
        self.processes.hold(Some(held.clone()));
        self.agents.hold(Some(held.clone()));
        self.nodes.hold(Some(held.clone()));
        self.workflows.hold(Some(held.clone()));
        self.schedules.hold(Some(held));
    }

    fn settle_later(&self) {
        let (journal, settle) = (self.journal.clone(), self.settings.settle);
        actix_rt::spawn(async move {
            tokio::time::sleep(settle).await;
            journal.settle();
        });
    }
}

/// The limits, as admission wants them: to ask again, and to hear of changes.
fn limits(tuner: &Tuner) -> Limits {
    let (tuner, changes) = (tuner.clone(), tuner.watch());
    Limits::new(move || tuner.get().limits, changes)
}

/// More restarts than this end a supervisor itself.
pub const INTENSITY: Intensity = Intensity { restarts: 5, within: Duration::from_mins(1) };

fn supervisor(id: &str, children: Vec<ChildSpec>) -> ChildSpec {
    ChildSpec::supervisor(id, Strategy::OneForOne, INTENSITY, children)
}

fn hosts<M: Machine, P: Perform<M>>(
    id: &str,
    directory: &Directory<M>,
    performer: impl Fn() -> P + Send + Sync + 'static,
) -> ChildSpec {
    let branch = EntityBranch::new(directory.clone(), &format!("/{id}"));
    let drain = directory.settings().drain;
    let directory = directory.clone();
    let make = move |lifeline| Hosts::new(directory.clone(), performer(), lifeline);
    ChildSpec::actor(id, make)
        .kind("entities")
        .with_branch(Arc::new(branch))
        .essential("entities cannot be stopped, or what they are told would wait for ever: suspend them all, or restart them")
        .shutdown(drain + Duration::from_secs(2))
}

impl Running {
    /// Stops everything in order.
    pub async fn shutdown(&self) -> Exit {
        // The writer notes it with what it finds waiting at its own end.
        self.journal.settle();
        self.root.shutdown().await
    }

    /// How the root ends, when it does: then the program should end too.
    pub async fn ended(&self) -> Exit {
        self.root.ended().await
    }
}

impl Handler<Shutdown> for Writer {
    type Result = ();

    /// Everyone who could append has gone; what they left is written.
    fn handle(&mut self, _: Shutdown, ctx: &mut Context<Self>) {
        self.drain();
        ctx.stop();
    }
}
