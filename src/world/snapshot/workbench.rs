//! [`Workbench`]: the runtimes; and for those that run programs, copies to work on.

use super::bench::Bench;
use super::claim::Claim;
use super::seat::Seat;
use super::settle::{Settling, copied, on_record};
use crate::confine::held;
use crate::world::command::Copy;
use crate::world::gate::Gate;
use crate::world::runtimes::Runtimes;
use crate::world::tools::Permit;
use callboard_actors::entity::Directory;
use callboard_actors::journal::Journal;
use callboard_actors::processes::{
    Asked, Attempt, Charge, Desk, ErrorKind, Estimate, Execute, ExecuteError, Executed, Place,
    Process, Site, Unsettled, Work, Worked,
};
use callboard_actors::system::Parts;
use callboard_actors::tools::{Caller, Meter, Permission, ToolError};
use callboard_actors::workspaces::{Trouble, Workspaces};
use futures::future::{FutureExt, LocalBoxFuture};
use serde_json::json;

/// The states of processes whose programs may still be at work, or whose files are still to be taken over.
const AT_WORK: [&str; 4] = ["STARTING", "RUNNING", "SUCCESS", "CANCELLING"];

/// The runtimes, with copies to work on. Clones share them.
#[derive(Clone)]
pub struct Workbench {
    runtimes: Runtimes,
    gate: Gate,
    workspaces: Workspaces,
    journal: Journal,
}

impl Workbench {
    /// These runtimes; what their programs may is what the gate says.
    pub fn new(runtimes: Runtimes, gate: Gate, parts: &Parts) -> Self {
        let (workspaces, journal) = (parts.workspaces.clone(), parts.journal.clone());
        Self { runtimes, gate, workspaces, journal }
    }

    /// Takes away copies that nobody works on any more.
    pub async fn sweep(self) {
        let guard = self.workspaces.guard().clone();
        let listed = self.journal.files().run(move |_| Ok(Bench::all(&guard))).await;
        for (bench, whose) in listed.unwrap_or_default() {
            let stream = whose.map(|process| Directory::<Process>::stream(&process.0));
            let row = match stream {
                Some(stream) => self.journal.reader().row("processes", stream).await,
                None => Ok(None),
            };
            let Ok(row) = row else { continue };
            let status = row.as_ref().and_then(|row| row.get("status")?.as_str());
            if !status.is_some_and(|status| AT_WORK.contains(&status)) {
                take_away(bench);
            }
        }
    }

    async fn prepared(self, work: Work, site: Site) -> Result<Work, ExecuteError> {
        let caller = caller(&work.attempt, &site);
        let permit = self.permit(&caller).await.map_err(|error| tool_error(&error))?;
        let bench = Bench::of(self.workspaces.guard(), &work.attempt);
        let may_read = permit.standing().grants(Permission::ReadFiles).is_ok();
        let making = move |root: &callboard_actors::workspaces::Root| {
            let failed = |error: &std::io::Error| {
                Trouble::Passing(format!(
                    "failed to make the copy that a program works on: {error}"
                ))
            };
            let bench = bench.make().map_err(|error| failed(&error))?;
            let copy = if may_read { Copy::make(root, &bench.work())? } else { Copy::default() };
            bench.keep(&copy).map_err(|error| failed(&error))?;
            Ok(bench)
        };
        let bounded = permit.bounded(&self.workspaces);
        let bench = bounded.read(&site.workplace, making).await.map_err(|error| trouble(&error))?;
        self.claim(&work.attempt).await?;
        let environment = permit.environment();
        let seat = Seat {
            work: bench.work(),
            home: bench.home(),
            environment,
            runtime: work.attempt.runtime.clone(),
            web: permit.standing().web(),
            namespaces: held().has_namespaces(),
            door: held().has_door(),
        };
        Ok(Work { equipment: Some(json!(seat)), ..work })
    }

    /// From here on there is something to take over.
    async fn claim(&self, attempt: &Attempt) -> Result<(), ExecuteError> {
        let attempt = attempt.clone();
        let put = self.journal.files().run(move |files| Claim::now()?.put(files, &attempt)).await;
        put.map_err(|error| {
            passing(&format!("failed to note that a program works on a copy: {error}"))
        })
    }

    async fn permit(&self, caller: &Caller) -> Result<Permit, ToolError> {
        let (standing, rules) = self.gate.standing_of(caller).await?;
        Ok(Permit::new(standing, rules))
    }

    async fn settled(self, attempt: Attempt) -> Result<Option<Worked>, Unsettled> {
        let Some(site) = attempt.site.as_deref() else { return Ok(None) };
        let bench = Bench::of(self.workspaces.guard(), &attempt);
        let (of, at) = (attempt.clone(), bench.clone());
        let looked = self.journal.files().run(move |files| {
            let claim = Claim::read(files, &of)?;
            Ok(copied(&at, claim.as_ref()))
        });
        let copy = match looked.await.map_err(|error| Unsettled::Passing(error.to_string()))? {
            Ok(Some(copy)) => copy,
            Ok(None) => return Ok(None),
            // It may have been taken over before the copy was lost.
            Err(lost) => {
                return on_record(&self.workspaces, &attempt, site).await?.map(Some).ok_or(lost);
            }
        };
        let caller = caller(&attempt, site);
        let permit = self.permit(&caller).await;
        let permit = permit.map_err(|error| Unsettled::Passing(error.to_string()))?;
        let settling = Settling {
            workspaces: &self.workspaces,
            journal: &self.journal,
            permit: &permit,
            attempt: &attempt,
            site,
            caller: &caller,
        };
        settling.all(&bench, copy).await.map(Some)
    }
}

/// Who works there: an agent, for the rules and the record.
fn caller(attempt: &Attempt, site: &Site) -> Caller {
    Caller {
        id: attempt.taking_over(),
        workflow_id: site.workflow_id.clone(),
        path: site.path.clone(),
        profile: Some(attempt.profile.clone().unwrap_or_else(|| Caller::NO_PROFILE.into())),
        workplace: Some(site.workplace.clone()),
        meter: Meter::default(),
    }
}

/// It may be large, and whoever wants it gone has other things to do. What is left is swept at the next start.
fn take_away(bench: Bench) {
    std::thread::spawn(move || bench.remove());
}

fn passing(error: &str) -> ExecuteError {
    let (kind, charge) = (ErrorKind::Passing, Charge::Nothing);
    ExecuteError { kind, error: error.to_owned(), charge, retry_after_ms: None }
}

fn tool_error(error: &ToolError) -> ExecuteError {
    passing(&error.to_string())
}

fn trouble(trouble: &Trouble) -> ExecuteError {
    match trouble {
        Trouble::Passing(error) => passing(error),
        Trouble::Refused(error) => ExecuteError { kind: ErrorKind::Final, ..passing(error) },
    }
}

impl Execute for Workbench {
    fn execute(
        &self,
        work: Work,
        desk: Desk,
    ) -> LocalBoxFuture<'static, Result<Executed, ExecuteError>> {
        self.runtimes.execute(work, desk)
    }

    fn place(&self, runtime: &str) -> Place {
        self.runtimes.place(runtime)
    }

    fn estimate(&self, asked: &Asked<'_>) -> Estimate {
        self.runtimes.estimate(asked)
    }

    fn equip(&self, work: Work) -> LocalBoxFuture<'static, Result<Work, ExecuteError>> {
        let runs = self.runtimes.runs_a_program(&work.attempt.runtime);
        match work.attempt.site.clone().filter(|_| runs) {
            Some(site) => self.clone().prepared(work, *site).boxed_local(),
            None => futures::future::ready(Ok(work)).boxed_local(),
        }
    }

    fn settle(
        &self,
        attempt: &Attempt,
    ) -> LocalBoxFuture<'static, Result<Option<Worked>, Unsettled>> {
        self.clone().settled(attempt.clone()).boxed_local()
    }

    fn discard(&self, attempt: &Attempt) {
        if attempt.site.is_some() {
            take_away(Bench::of(self.workspaces.guard(), attempt));
        }
    }

    fn forget(&self, process: &str) {
        self.runtimes.forget(process);
    }
}
