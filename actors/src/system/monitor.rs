//! The process monitor: looks for what should not be, tells of it once, and mends it where that is safe.
//!
//! | found | because | mended by |
//! |---|---|---|
//! | a process is STARTING or RUNNING beyond its time | no news since its time-out and a margin | waking it: it adopts its attempt, or finds it lost |
//! | a process is SUCCESS or CANCELLING and stays so | its turn, or its executor's end, does not come | waking it |
//! | a stream had to be up, and nobody is | its time came, its entity is not in memory | waking it |
//! | a session has a turn that gets no line | it is up, and no line was written since | an operator: the log says what the disk says |
//! | a process is in RETRY past its time | it is due, its session free, its runtime has room | asking admission to look again |
//! | an agent is busy, and its process does not work | the process stopped a margin ago | an operator: who follows processes for agents is behind |
//! | nobody takes what lies in a mailbox | nothing was taken for long | an operator: whoever speaks for the agent is away |
//!
//! None of it should ever happen, but the last. It never changes a row by itself: entities are woken, and decide.

use super::idlers;
use super::tuning::{Tuner, Tuning};
use super::warnings::Warnings;
use crate::entity::Directory;
use crate::journal::{AtWork, Fault, Journal};
use crate::machine::{Machine, tagged};
use crate::nodes::Node;
use crate::processes::{Command, Process};
use crate::schedules::Schedule;
use crate::sessions::Session;
use crate::supervision::{Lifeline, Shutdown};
use crate::vocabulary::{Name, Timestamp};
use crate::workspaces::Workspace;
use actix::{Actor, ActorContext, AsyncContext, Context, Handler, WrapFuture};
use std::collections::BTreeSet;
use std::time::Duration;

/// Who notices.
const SOURCE: &str = "monitor";

/// Looks again and again.
pub(super) struct Monitor {
    pub(super) watch: Watch,
    pub(super) _lifeline: Lifeline,
}

/// What is looked at, and where is told what is found.
#[derive(Clone)]
pub(super) struct Watch {
    pub(super) journal: Journal,
    pub(super) processes: Directory<Process>,
    pub(super) sessions: Directory<Session>,
    pub(super) nodes: Directory<Node>,
    pub(super) schedules: Directory<Schedule>,
    pub(super) workspaces: Directory<Workspace>,
    pub(super) tuner: Tuner,
    pub(super) warnings: Warnings,
}

/// Something that should not be so.
pub(super) struct Found {
    pub(super) about: String,
    pub(super) error: String,
}

impl Watch {
    async fn run(self) {
        let began = self.journal.clock().now();
        let mut changes = self.tuner.watch();
        loop {
            let Tuning { margin, letters, look_every, .. } = changes.borrow_and_update().clone();
            tokio::select! {
                () = tokio::time::sleep(look_every) => {}
                heard = changes.changed() => match heard {
                    Ok(()) => continue,
                    Err(_) => return,
                },
            }
            // Whatever became late while no server ran gets its time, too.
            let now = self.journal.clock().now();
            if now.since(began) < margin {
                continue;
            }
            if let Err(fault) = self.look(now, margin, letters).await {
                tracing::warn!(%fault, "failed to look for work that is stuck");
            }
            // What mending says to others is no news here.
            changes.mark_unchanged();
        }
    }

    /// Looks once.
    async fn look(&self, now: Timestamp, margin: Duration, letters: Duration) -> Result<(), Fault> {
        let [before, long_ago] =
            [margin, letters].map(|span| Timestamp(now.0.saturating_sub(millis(span))));
        let mut found = Vec::new();
        if self.processes.held().is_none() {
            found.extend(self.overlong(now, before).await?);
            found.extend(asleep(&self.processes, before).await?);
            found.extend(self.overdue(before).await?);
        }
        if self.sessions.held().is_none() {
            found.extend(asleep(&self.sessions, before).await?);
            found.extend(self.lineless(before).await?);
        }
        if self.nodes.held().is_none() {
            found.extend(asleep(&self.nodes, before).await?);
        }
        if self.schedules.held().is_none() {
            found.extend(asleep(&self.schedules, before).await?);
        }
        if self.workspaces.held().is_none() {
            found.extend(asleep(&self.workspaces, before).await?);
        }
        found.extend(idlers::idle_agents(&self.journal, before).await?);
        found.extend(idlers::full_mailboxes(&self.journal, long_ago).await?);
        for Found { about, error } in &found {
            self.warnings.raise(SOURCE, about, error);
        }
        let open: BTreeSet<&str> = found.iter().map(|found| found.about.as_str()).collect();
        self.warnings.retain(SOURCE, |about| open.contains(about));
        Ok(())
    }

    /// Processes that hold a place for longer than they may.
    async fn overlong(&self, now: Timestamp, before: Timestamp) -> Result<Vec<Found>, Fault> {
        let mut found = Vec::new();
        for AtWork { id, status, since } in self.journal.reader().at_work(before).await? {
            let Ok(name) = id.parse::<Name>() else { continue };
            let allowed = self.allowed(&name, &status).await?;
            let margin = now.since(before);
            if now.since(since) < allowed + margin {
                continue;
            }
            let error = format!(
                "it is {status} since {since}, which is longer than it may be ({} s): it was woken; `callboard show {id}` says what it does",
                allowed.as_secs()
            );
            self.processes.wake(&name);
            found.push(Found { about: format!("process/{id} {status}"), error });
        }
        Ok(found)
    }

    /// How long a process may go without news.
    async fn allowed(&self, name: &Name, status: &str) -> Result<Duration, Fault> {
        if !matches!(status, "STARTING" | "RUNNING") {
            return Ok(Duration::ZERO);
        }
        let loaded = self.journal.load(Directory::<Process>::stream(name), 0).await?;
        let first = loaded.messages.first();
        let command = first.and_then(|m| tagged::join(&m.event_type, m.data.get()).ok());
        let timeout_s = match command {
            Some(Command::Spawn(order)) => order.timeout_s,
            _ => 0,
        };
        Ok(Duration::from_secs(timeout_s.into()))
    }

    /// Sessions that are up, and whose next line does not come.
    async fn lineless(&self, before: Timestamp) -> Result<Vec<Found>, Fault> {
        let due = self.journal.reader().due_before(Session::KIND, before).await?;
        let stuck = due
            .into_iter()
            .filter(|due| due.name.parse().is_ok_and(|name| self.sessions.is_present(&name)));
        let found = stuck.map(|due| Found {
            about: format!("session/{} line", due.name),
            error: format!(
                "a turn waits since {} for its line in claude_logs/{}.jsonl: the log says why it cannot be written",
                due.since, due.name
            ),
        });
        Ok(found.collect())
    }

    /// Processes whose retry is due, and which nobody admits though there is room.
    async fn overdue(&self, before: Timestamp) -> Result<Vec<Found>, Fault> {
        let limits = self.tuner.get().limits;
        let overdue = self.journal.reader().overdue(before).await?;
        let waits = overdue.into_iter().filter(|overdue| {
            limits.get(&overdue.runtime).is_some_and(|limit| overdue.taken < *limit)
        });
        let found: Vec<_> = waits
            .map(|overdue| Found {
                about: format!("process/{} RETRY", overdue.id),
                error: format!(
                    "its next attempt was due at {} and {} has room, but it was not admitted: admission was asked to look; `callboard tree /services` says whether it runs",
                    overdue.due, overdue.runtime
                ),
            })
            .collect();
        if !found.is_empty() {
            // Nothing changes; but admission looks again at every change.
            self.tuner.change(|_| ());
        }
        Ok(found)
    }
}

/// Streams whose time has come, and whose entity is not in memory.
async fn asleep<M: Machine>(
    directory: &Directory<M>,
    before: Timestamp,
) -> Result<Vec<Found>, Fault> {
    let mut found = Vec::new();
    for due in directory.journal().reader().due_before(M::KIND, before).await? {
        let Ok(name) = due.name.parse::<Name>() else { continue };
        if directory.is_present(&name) {
            continue;
        }
        directory.wake(&name);
        let error = format!("it had to be up since {}, and was asleep: it was woken", due.since);
        found.push(Found { about: format!("{}/{name} asleep", M::KIND), error });
    }
    Ok(found)
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

impl Actor for Monitor {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.spawn(self.watch.clone().run().into_actor(self));
    }
}

impl Handler<Shutdown> for Monitor {
    type Result = ();

    fn handle(&mut self, _: Shutdown, ctx: &mut Self::Context) {
        ctx.stop();
    }
}
