//! [`Admission`]: whose turn it is.
//!
//! A permit is counted, never held: what is STARTING, RUNNING or CANCELLING in the read model takes a
//! place of its runtime. So no crash can leak one. Of those that wait, the higher priority goes first,
//! then the older; of a session at most one is active, so that its turns are serial.

use super::command::Command;
use super::state::Process;
use crate::entity::Directory;
use crate::journal::{Fault, Turns, Waiting};
use crate::supervision::{Lifeline, Shutdown};
use crate::vocabulary::{MessageId, Name, Timestamp};
use actix::{Actor, ActorContext, AsyncContext, Context, Handler, WrapFuture};
use futures::FutureExt;
use futures::future::{LocalBoxFuture, join_all};
use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::watch;

/// The service that admits queued processes.
pub struct Admission {
    directory: Directory<Process>,
    limits: Limits,
    _lifeline: Lifeline,
}

/// How many attempts may run at once, by runtime: looked up each time, because it may change.
#[derive(Clone)]
pub struct Limits {
    look: Rc<dyn Fn() -> BTreeMap<String, usize>>,
    changes: Rc<dyn Fn() -> LocalBoxFuture<'static, ()>>,
}

impl Limits {
    /// What `look` says, to be looked at again when `changes` does.
    pub fn new<T: Send + Sync + 'static>(
        look: impl Fn() -> BTreeMap<String, usize> + 'static,
        changes: watch::Receiver<T>,
    ) -> Self {
        let changes = move || {
            let mut changes = changes.clone();
            // Changes that came before this wait began were looked up already.
            changes.mark_unchanged();
            async move {
                if changes.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
            .boxed_local()
        };
        Self { look: Rc::new(look), changes: Rc::new(changes) }
    }
}

impl Admission {
    /// Admits processes to these runtimes, at most so many at once to each.
    pub fn new(directory: Directory<Process>, limits: Limits, lifeline: Lifeline) -> Self {
        Self { directory, limits, _lifeline: lifeline }
    }
}

/// How many processes of a runtime that is not configured any more are ended at once.
const UNKNOWN_LIMIT: usize = 8;

/// How long it waits after a fault.
const AFTER_FAULT: Duration = Duration::from_millis(250);

/// Rounds follow one another for as long as the service lives: each when something was committed, or
/// when a retry falls due.
async fn admit(directory: Directory<Process>, limits: Limits) {
    let mut head = directory.journal().feed().watch();
    let mut decided = directory.watch_held();
    loop {
        head.mark_unchanged();
        decided.mark_unchanged();
        let changed_limits = (limits.changes)();
        let next = match round(&directory, (limits.look)()).await {
            Ok(Round { admitted: 1.., .. }) => continue,
            Ok(Round { next_due, .. }) => next_due,
            Err(fault) => {
                tracing::warn!(%fault, "failed to look whose turn it is");
                tokio::time::sleep(AFTER_FAULT).await;
                continue;
            }
        };
        let now = directory.journal().clock().now();
        let due = async {
            match next {
                Some(moment) => tokio::time::sleep(moment.since(now)).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = head.changed() => if changed.is_err() { return },
            changed = decided.changed() => if changed.is_err() { return },
            () = changed_limits => {}
            () = due => {}
        }
    }
}

/// What came of a round.
struct Round {
    admitted: usize,
    next_due: Option<Timestamp>,
}

/// One round. It ends when its admissions are committed: the next one's count is right.
async fn round(
    directory: &Directory<Process>,
    limits: BTreeMap<String, usize>,
) -> Result<Round, Fault> {
    if directory.held().is_some() {
        return Ok(Round { admitted: 0, next_due: None });
    }
    let now = directory.journal().clock().now();
    let reader = directory.journal().reader();
    // Also those of runtimes that are not configured any more: admitted, they end with an error that says
    // so, instead of waiting for ever.
    let found = reader.turns(limits, UNKNOWN_LIMIT, now).await?;
    let Turns { waiting, parked, places, next_due } = found;
    let chosen = choose(waiting, places);
    for name in &parked {
        directory.check_abandoned(name);
    }
    let told = chosen.iter().map(|name| directory.tell(name, MessageId::fresh(), Command::Admit));
    let admitted = join_all(told).await.iter().filter(|answer| answer.is_ok()).count();
    Ok(Round { admitted, next_due })
}

/// Those whose turn it is: of each session one, whichever runtimes are asked, and of each runtime as many
/// as have a place.
fn choose(mut waiting: Vec<Waiting>, mut places: BTreeMap<String, usize>) -> Vec<Name> {
    waiting.sort_by_key(|candidate| (-candidate.priority, candidate.created_at, candidate.stream));
    let mut sessions = HashSet::new();
    let mut chosen = Vec::new();
    for Waiting { name, session, runtime, .. } in waiting {
        let Some(free @ 1..) = places.get_mut(&runtime) else { continue };
        if sessions.insert(session) {
            *free -= 1;
            chosen.extend(name.parse::<Name>().ok());
        }
    }
    chosen
}

impl Actor for Admission {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.spawn(admit(self.directory.clone(), self.limits.clone()).into_actor(self));
    }
}

impl Handler<Shutdown> for Admission {
    type Result = ();

    fn handle(&mut self, _: Shutdown, ctx: &mut Self::Context) {
        ctx.stop();
    }
}
