//! The road through an attempt that has been claimed and begun: ask, within the time there is, and make
//! the end durable. Servers and shims walk the same one.

use super::desk::Desk;
use super::execute::{Execute, Work};
use super::folder::Folder;
use super::patience::patiently;
use crate::processes::charge::Charge;
use crate::processes::command::{Ended, ErrorKind};
use crate::vocabulary::Clock;
use std::time::Duration;
use tokio::time::Instant;

/// Walks it to its end. `stopped` ends early: somebody wants no answer any more.
pub(super) async fn walk<E: Execute>(
    folder: &Folder,
    (runtime, desk): (&E, Desk),
    work: Work,
    clock: &Clock,
    stopped: impl Future<Output = ()>,
) -> Ended {
    let began = Instant::now();
    let limit = Duration::from_secs(work.attempt.timeout_s.into());
    let result = tokio::select! {
        result = runtime.execute(work.clone(), desk.clone()) => result.map_err(Ended::from),
        () = tokio::time::sleep(limit) => Err(timed_out(limit)),
        () = stopped => Err(Ended::Lost { why: "it was stopped before it had an answer".into() }),
    };
    let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let remains = desk.close().await;
    let (at, now) = (folder.clone(), clock.now());
    let end = move || match &result {
        Ok(executed) => at.answer(&work, executed, remains.clone(), took, now),
        Err(ended) => at.end(ended.clone(), remains.clone()),
    };
    patiently(&folder.files, end).await
}

fn timed_out(limit: Duration) -> Ended {
    let error = format!("it took longer than {} s", limit.as_secs());
    let (kind, charge) = (ErrorKind::TimedOut, Charge::Unknown);
    Ended::Failed { kind, error, charge, retry_after_ms: None }
}
