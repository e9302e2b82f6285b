//! [`Keeper`]: brings an attempt to its end, or sees that it is stopped, whoever works on it.

use super::claim::{By, Note};
use super::desk::Desk;
use super::execute::{Execute, Place, Work};
use super::exit::Remains;
use super::family::Family;
use super::folder::{Folder, Found};
use super::grip::Grip;
use super::patience::for_a_while;
use super::prepare::prepare;
use super::road::walk;
use super::room::is_full;
use super::shim::{Answer, Assignment, Shim};
use crate::journal::{Fault, Journal};
use crate::machine::Outbox;
use crate::processes::charge::Charge;
use crate::processes::command::{Command, Ended, ErrorKind};
use crate::processes::effect::Attempt;
use crate::processes::identity::Executor;
use crate::processes::state::Process;
use crate::vocabulary::{Name, ProcessId};
use futures::future::join_all;
use rustix::process::Signal;
use std::io;
use std::time::Duration;

/// Keeps attempts.
pub(in crate::processes) struct Keeper<E> {
    pub(in crate::processes) runtime: E,
    pub(super) journal: Journal,
}

/// How often it is looked at what cannot be waited for.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How often that is done where the system does not let us watch.
const UNWATCHED: Duration = Duration::from_secs(1);
/// How much longer than its deadline a shim may take to end: past that it does not work. It may wait for
/// room on a full disk, with an answer that was paid for.
const OVERTIME: Duration = Duration::from_hours(1);

impl<E: Execute> Keeper<E> {
    pub(in crate::processes) fn new(runtime: E, journal: Journal) -> Self {
        Self { runtime, journal }
    }

    /// Brings an attempt to its end, whether or not it was begun before.
    pub(in crate::processes) async fn run(
        &self,
        attempt: Attempt,
        outbox: Outbox<Process>,
    ) -> Ended {
        let folder = Folder::of(self.journal.files(), &attempt);
        let limit = Duration::from_secs(attempt.timeout_s.into()) + Family::GRACE + OVERTIME;
        loop {
            let found = match self.look(&folder).await {
                Ok(found) => found,
                Err(error) if attempt.is_started => return lost_from_sight(&error),
                Err(error) => return prevented(&error),
            };
            match found {
                Found::Free if attempt.is_started => {
                    let why = "it was begun, but its claim is gone or damaged on disk".into();
                    return Ended::Lost { why };
                }
                Found::Free => {
                    if let Some(ended) = self.begin(&folder, attempt.clone(), &outbox).await {
                        return ended;
                    }
                }
                Found::Ended(ended) => return ended,
                Found::Ours => tokio::time::sleep(LOOK_EVERY).await,
                Found::Held(note) => {
                    if tokio::time::timeout(limit, watch(&note.executor)).await.is_err() {
                        tracing::error!(?note, "a shim does not end when its time is over");
                        stop(&note.executor).await;
                    }
                }
                Found::Lost(note) => return lost(&note).await,
            }
        }
    }

    /// Sees that nobody works on an attempt any more, and that nobody begins to.
    ///
    /// What runs in this process ends with its future, which was dropped when it was no longer wanted.
    pub(in crate::processes) async fn stop(&self, attempt: &Attempt) {
        let folder = Folder::of(self.journal.files(), attempt);
        loop {
            let found = match self.look(&folder).await {
                Ok(found) => found,
                // Nobody can be at work in a folder that cannot be read.
                Err(error) => {
                    tracing::error!(%error, "failed to look into a stopped attempt's folder");
                    return;
                }
            };
            match found {
                Found::Free => {
                    let at = folder.clone();
                    match for_a_while(self.journal.files(), move || at.claim()).await {
                        Ok(None) => {}
                        Ok(Some(_)) | Err(_) => return,
                    }
                }
                Found::Ended(_) => return,
                Found::Ours => tokio::time::sleep(LOOK_EVERY).await,
                Found::Held(note) if note.by == By::Shim => stop(&note.executor).await,
                Found::Held(note) => watch(&note.executor).await,
                Found::Lost(note) => return drop(lost(&note).await),
            }
        }
    }

    async fn look(&self, folder: &Folder) -> io::Result<Found> {
        let at = folder.clone();
        for_a_while(self.journal.files(), move || at.look()).await
    }

    /// Begins an attempt that nobody has begun; `None`: somebody has, or does now.
    async fn begin(
        &self,
        folder: &Folder,
        attempt: Attempt,
        outbox: &Outbox<Process>,
    ) -> Option<Ended> {
        let work = match prepare(&self.journal, attempt).await {
            Ok(work) => work,
            Err(ended) => return self.give_up(folder, ended).await,
        };
        let work = match self.runtime.equip(work).await {
            Ok(work) => work,
            Err(error) => return self.give_up(folder, error.into()).await,
        };
        match self.runtime.place(&work.attempt.runtime) {
            Place::Here => self.begin_here(folder, work, outbox).await,
            Place::Shim(shim) => self.begin_in_shim(folder, shim, work, outbox).await,
        }
    }

    async fn begin_here(
        &self,
        folder: &Folder,
        work: Work,
        outbox: &Outbox<Process>,
    ) -> Option<Ended> {
        let at = folder.clone();
        let _claim = match for_a_while(self.journal.files(), move || at.claim()).await {
            Ok(claim) => claim?,
            Err(error) => return Some(prevented(&error)),
        };
        if !self.started(&work.attempt, Executor::this(), outbox).await {
            return Some(Ended::NotBegun { why: None });
        }
        let desk = Desk::here(folder.clone());
        let clock = self.journal.clock();
        Some(walk(folder, (&self.runtime, desk), work, clock, std::future::pending()).await)
    }

    /// The shim's claim is watched as any other is; here it is only started and let go.
    async fn begin_in_shim(
        &self,
        folder: &Folder,
        shim: Shim,
        work: Work,
        outbox: &Outbox<Process>,
    ) -> Option<Ended> {
        let at = folder.clone();
        let clear = move || at.clear_torn_claim();
        if let Err(error) = for_a_while(self.journal.files(), clear).await {
            return Some(prevented(&error));
        }
        let home = self.journal.home().root().to_owned();
        let attempt = work.attempt.clone();
        let assignment = Assignment { home, work, runtime: shim.runtime.clone() };
        let launched = match shim.launch(&assignment).await {
            Ok(launched) => launched,
            Err(why) => return self.not_started(folder, &why).await,
        };
        match &launched.answer {
            Answer::Claimed(executor) => {
                // A shim that cannot be let go has gone: it is found so, and was never let go.
                let is_known = self.started(&attempt, executor.clone(), outbox).await;
                (!is_known || launched.go().await.is_err()).then_some(Ended::NotBegun { why: None })
            }
            Answer::Taken => {
                tokio::time::sleep(LOOK_EVERY).await;
                None
            }
            Answer::Full(why) => Some(put_off(why)),
            Answer::Failed(why) => self.not_started(folder, why).await,
        }
    }

    /// Whether it is on record who works on it: else nobody is to be asked.
    async fn started(
        &self,
        attempt: &Attempt,
        executor: Executor,
        outbox: &Outbox<Process>,
    ) -> bool {
        outbox.tell(Command::ReportStarted { attempt: attempt.number, executor }).await
    }

    async fn not_started(&self, folder: &Folder, why: &str) -> Option<Ended> {
        let ended = Ended::passing(format!("failed to start a shim: {why}"));
        self.give_up(folder, ended).await
    }

    /// Ends an attempt that cannot be begun, unless somebody has begun it.
    async fn give_up(&self, folder: &Folder, ended: Ended) -> Option<Ended> {
        let at = folder.clone();
        let _claim = match for_a_while(self.journal.files(), move || at.claim()).await {
            Ok(claim) => claim?,
            Err(_) => return Some(ended),
        };
        let (at, noted) = (folder.clone(), ended.clone());
        let end = move || at.end(noted.clone(), Remains::default());
        Some(for_a_while(self.journal.files(), end).await.unwrap_or(ended))
    }
}

fn unreadable(error: &io::Error) -> Ended {
    Ended::passing(format!("failed to work in the attempt's folder: {error}"))
}

/// The same, of an attempt that was begun: it may have been paid for.
fn lost_from_sight(error: &io::Error) -> Ended {
    let error = format!("failed to work in the attempt's folder: {error}");
    let (kind, charge) = (ErrorKind::Passing, Charge::Unknown);
    Ended::Failed { kind, error, charge, retry_after_ms: None }
}

/// Nobody was asked. A full disk is not the model's failure, and counts as none; what waiting does not mend
/// comes to an end some time.
fn prevented(error: &io::Error) -> Ended {
    if is_full(error) { put_off(error) } else { unreadable(error) }
}

fn put_off(error: &(impl std::fmt::Display + ?Sized)) -> Ended {
    let why = format!("nobody was asked: failed to work in the attempt's folder: {error}");
    Ended::NotBegun { why: Some(why) }
}

/// Stops every shim that works on an attempt of this journal. To be called when nobody begins new ones.
pub async fn stop_shims(journal: &Journal) -> Result<usize, Fault> {
    let mut holders = Vec::new();
    for (process, attempt) in journal.reader().under_way().await? {
        let Ok(name) = process.parse::<Name>() else { continue };
        let folder = Folder::at(journal.files(), &ProcessId(name), attempt);
        if let Ok(Found::Held(note @ Note { by: By::Shim, .. })) = folder.look() {
            holders.push(note.executor);
        }
    }
    join_all(holders.iter().map(stop)).await;
    Ok(holders.len())
}

/// Waits until a process has ended; or, where it cannot be watched, until it is time to look again.
async fn watch(executor: &Executor) {
    let watched = match Grip::of(executor) {
        Ok(Some(grip)) => grip.ended().await.map(|()| LOOK_EVERY / 5),
        // It has ended; or it lives where its number means nothing here, known by its lock.
        Ok(None) => Ok(LOOK_EVERY),
        Err(error) => Err(error),
    };
    let pause = watched.unwrap_or_else(|error| {
        tracing::warn!(%error, pid = executor.pid, "failed to watch a process: looking instead");
        UNWATCHED
    });
    tokio::time::sleep(pause).await;
}

/// Has a shim end what it holds and itself; ends it if it does not.
async fn stop(shim: &Executor) {
    signal(shim, Signal::TERM);
    let patience = Family::GRACE * 2;
    if tokio::time::timeout(patience, watch(shim)).await.is_err() {
        tracing::warn!(pid = shim.pid, "a shim does not stop: killing it");
        // First what it holds: with it goes what is known of those who hide.
        Family::of(shim.clone()).kill().await;
        signal(shim, Signal::KILL);
        watch(shim).await;
    }
}

fn signal(executor: &Executor, signal: Signal) {
    let sent = Grip::of(executor).and_then(|grip| grip.map_or(Ok(()), |grip| grip.signal(signal)));
    if let Err(error) = sent {
        tracing::warn!(%error, pid = executor.pid, "failed to signal a shim");
    }
}

/// Whoever worked on it has gone: what it left running goes, too.
async fn lost(Note { executor, by }: &Note) -> Ended {
    if *by == By::Shim {
        Family::of(executor.clone()).kill().await;
    }
    let pid = executor.pid;
    Ended::Lost { why: format!("its executor (process {pid}) went without leaving an outcome") }
}
