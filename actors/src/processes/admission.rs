//! [`Admission`]: whose turn it is.
//!
//! A permit is counted, never held: what is STARTING, RUNNING or CANCELLING in the read model takes a
//! place of its runtime. So no crash can leak one. Of those that wait, the higher priority goes first,
//! then the older; of a session at most one is active, so that its turns are serial.

use super::command::Command;
use super::state::Process;
use crate::entity::Directory;
use crate::journal::Fault;
use crate::supervision::{Lifeline, Shutdown};
use crate::vocabulary::{MessageId, Name, Timestamp};
use actix::{Actor, ActorContext, AsyncContext, Context, Handler, WrapFuture};
use futures::FutureExt;
use futures::future::{LocalBoxFuture, join_all};
use rusqlite::{Connection, OptionalExtension as _, params};
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

/// The condition of the partial index: a query has to repeat it, word for word, to use the index.
const OPEN: &str = "('PENDING', 'RETRY', 'STARTING', 'RUNNING', 'SUCCESS', 'CANCELLING')";

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
    let (chosen, parked, next_due) = directory
        .journal()
        .reader()
        .query(move |connection| look(connection, &limits, now))
        .await?;
    for name in &parked {
        directory.check_abandoned(name);
    }
    let told = chosen.iter().map(|name| directory.tell(name, MessageId::fresh(), Command::Admit));
    let admitted = join_all(told).await.iter().filter(|answer| answer.is_ok()).count();
    Ok(Round { admitted, next_due })
}

/// What one look finds: whose turn it is, who is parked though it counts as active, when to look again.
type Found = (Vec<Name>, Vec<Name>, Option<Timestamp>);

/// Looks at every runtime that anybody waits for, also at those that are not configured any more:
/// admitted, their processes end with an error that says so, instead of waiting for ever.
fn look(
    connection: &Connection,
    limits: &BTreeMap<String, usize>,
    now: Timestamp,
) -> rusqlite::Result<Found> {
    let (mut waiting, mut parked, mut places) = (Vec::new(), Vec::new(), BTreeMap::new());
    let mut runtime = next_runtime(connection, "")?;
    while let Some(name) = runtime {
        let limit = limits.get(&name).copied().unwrap_or(UNKNOWN_LIMIT);
        let free = limit.saturating_sub(active(connection, &name)?);
        if free > 0 {
            waiting.extend(candidates(connection, &name, "PENDING", free, now)?);
            waiting.extend(candidates(connection, &name, "RETRY", free, now)?);
        }
        parked.extend(parked_at_work(connection, &name)?);
        runtime = next_runtime(connection, &name)?;
        places.insert(name, free);
    }
    Ok((choose(waiting, places), parked, next_due(connection, now)?))
}

/// The first runtime behind `after` that has an open process: a step in the index, however many wait.
fn next_runtime(connection: &Connection, after: &str) -> rusqlite::Result<Option<String>> {
    let sql = format!(
        "SELECT runtime FROM processes INDEXED BY processes_open
         WHERE runtime > ? AND status IN {OPEN} ORDER BY runtime LIMIT 1"
    );
    connection.prepare_cached(&sql)?.query_row([after], |row| row.get(0)).optional()
}

/// Those that count as active and are parked: what worked for them may have gone.
fn parked_at_work(connection: &Connection, runtime: &str) -> rusqlite::Result<Vec<Name>> {
    let sql = format!(
        "SELECT p.id FROM processes p INDEXED BY processes_open JOIN streams s ON s.id = p.stream
         WHERE p.runtime = ? AND p.status IN ('STARTING', 'RUNNING', 'CANCELLING')
           AND p.status IN {OPEN} AND s.parked IS NOT NULL"
    );
    let mut select = connection.prepare_cached(&sql)?;
    let rows = select.query_map([runtime], |row| row.get::<_, String>(0))?;
    let names = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    Ok(names.into_iter().filter_map(|name| name.parse().ok()).collect())
}

/// How many places of a runtime are taken.
fn active(connection: &Connection, runtime: &str) -> rusqlite::Result<usize> {
    let sql = format!(
        "SELECT count(*) FROM processes INDEXED BY processes_open
         WHERE runtime = ? AND status IN ('STARTING', 'RUNNING', 'CANCELLING') AND status IN {OPEN}"
    );
    let count: i64 = connection.prepare_cached(&sql)?.query_row([runtime], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Those whose turn it is: of each session one, whichever runtimes are asked, and of each runtime as many
/// as have a place.
fn choose(mut waiting: Vec<Candidate>, mut places: BTreeMap<String, usize>) -> Vec<Name> {
    waiting.sort_by_key(|candidate| (-candidate.priority, candidate.created_at, candidate.stream));
    let mut sessions = HashSet::new();
    let mut chosen = Vec::new();
    for Candidate { name, session, runtime, .. } in waiting {
        let Some(free @ 1..) = places.get_mut(&runtime) else { continue };
        if sessions.insert(session) {
            *free -= 1;
            chosen.extend(name.parse::<Name>().ok());
        }
    }
    chosen
}

struct Candidate {
    stream: i64,
    name: String,
    session: String,
    runtime: String,
    priority: i64,
    created_at: i64,
}

fn candidates(
    connection: &Connection,
    runtime: &str,
    status: &str,
    limit: usize,
    now: Timestamp,
) -> rusqlite::Result<Vec<Candidate>> {
    let sql = format!(
        "SELECT p.stream, p.id, p.session_id, p.priority, p.created_at
         FROM processes p INDEXED BY processes_open JOIN streams s ON s.id = p.stream
         WHERE p.runtime = ?1 AND p.status = '{status}' AND p.status IN {OPEN}
           AND coalesce(p.due_at, 0) <= ?2
           AND s.parked IS NULL
           AND NOT EXISTS (
               SELECT 1 FROM processes b INDEXED BY processes_busy_sessions
               WHERE b.session_id = p.session_id
                 AND b.status IN ('STARTING', 'RUNNING', 'SUCCESS', 'CANCELLING'))
         ORDER BY p.priority DESC, p.created_at, p.stream LIMIT ?3"
    );
    let mut select = connection.prepare_cached(&sql)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = select.query_map(params![runtime, now.0, limit], |row| {
        Ok(Candidate {
            stream: row.get(0)?,
            name: row.get(1)?,
            session: row.get(2)?,
            runtime: runtime.to_owned(),
            priority: row.get(3)?,
            created_at: row.get(4)?,
        })
    })?;
    rows.collect()
}

/// When the next retry falls due that is not due yet.
fn next_due(connection: &Connection, now: Timestamp) -> rusqlite::Result<Option<Timestamp>> {
    let sql = "SELECT min(due_at) FROM processes INDEXED BY processes_due
               WHERE status = 'RETRY' AND due_at > ?";
    let moment: Option<i64> =
        connection.prepare_cached(sql)?.query_row([now.0], |row| row.get(0))?;
    Ok(moment.map(Timestamp))
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
