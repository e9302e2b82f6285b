//! What entities cost in memory: awake and idle, and come to their end.
//!
//! Each figure is taken in a process of its own (this program, started with a role), so that no figure
//! sees what another left behind.

use crate::support::{Scale, Table, Workflows, bytes_in_memory, folder, number, on_a_system};
use callboard_actors::entity::HostSettings;
use callboard_actors::journal::{Home, JournalSettings, SweepSettings};
use callboard_actors::processes::{
    Charge, Command, Desk, ErrorKind, Execute, ExecuteError, Executed, OnLost, Order, Pinned,
    RetryPolicy, Work,
};
use callboard_actors::system::{Parts, Running, SystemSettings};
use callboard_actors::vocabulary::{Clock, Durable, Hash, MessageId, Name, Patterns, Reference};
use futures::future::{LocalBoxFuture, join_all};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Which variable names the role.
pub(crate) const ROLE: &str = "CALLBOARD_BENCH_ROLE";

/// A role, as it stands in the variable.
#[derive(Debug, Serialize, Deserialize)]
enum Role {
    /// Has so many entities be awake, and again as many.
    Awake { home: PathBuf, count: usize },
    /// Has processes come to their end, and looks after the first and after the last of these counts.
    Finished { home: PathBuf, counts: [usize; 2] },
    /// The same with workflows.
    Workflows { home: PathBuf, counts: [usize; 2] },
    /// Looks before and after it starts on this home.
    Restarted { home: PathBuf },
}

/// What it says at its end: bytes in memory at two moments.
type Bytes = [u64; 2];

/// Runs it.
pub(crate) fn run(scale: Scale) -> anyhow::Result<()> {
    let mut table = Table::new(["what", "before MB", "after MB", "difference", "each"]);
    let count = scale.pick(10_000, 50);
    let home = folder()?;
    let bytes = cast(&Role::Awake { home: home.path().to_owned(), count })?;
    row(&mut table, &format!("{} awake and idle", number(count as f64)), bytes, Some(count));
    let counts = scale.pick([1_000, 100_000], [5, 50]);
    let home = folder()?;
    let bytes = cast(&Role::Finished { home: home.path().to_owned(), counts })?;
    let what =
        format!("finished, {} against {}", number(counts[1] as f64), number(counts[0] as f64));
    row(&mut table, &what, bytes, None);
    workflows(&mut table, scale.pick([1_000, 10_000, 100_000], [5, 10, 50]))?;
    table.print();
    Ok(())
}

/// Workflows that have ended: in the house in which they ran, against one that has just begun and against one that has
/// worked for a while; and in one that starts with them.
fn workflows(table: &mut Table, [few, warm, many]: [usize; 3]) -> anyhow::Result<()> {
    let word = |count: usize| number(count as f64);
    let role = |home: &Path, counts| Role::Workflows { home: home.to_owned(), counts };
    let (small, large, other) = (folder()?, folder()?, folder()?);
    for (home, before) in [(&large, few), (&other, warm)] {
        let bytes = cast(&role(home.path(), [before, many]))?;
        row(table, &format!("workflows, {} against {}", word(many), word(before)), bytes, None);
    }
    cast(&role(small.path(), [few; 2]))?;
    let restarted = |home: &Path| cast(&Role::Restarted { home: home.to_owned() });
    let bytes = [restarted(small.path())?[1], restarted(large.path())?[1]];
    let what = format!("the same, restarted, {} against {}", word(many), word(few));
    row(table, &what, bytes, None);
    Ok(())
}

fn row(table: &mut Table, what: &str, [before, after]: Bytes, count: Option<usize>) {
    let mega = |bytes: f64| format!("{:.1}", bytes / 1e6);
    let difference = after as f64 - before as f64;
    table.row([
        what.to_owned(),
        mega(before as f64),
        mega(after as f64),
        format!("{} MB", mega(difference)),
        count
            .map_or_else(|| "-".into(), |count| format!("{} B", number(difference / count as f64))),
    ]);
}

/// Has a process of its own play a role.
fn cast(role: &Role) -> anyhow::Result<Bytes> {
    let mut command = std::process::Command::new(std::env::current_exe()?);
    let output = command.env_clear().env(ROLE, serde_json::to_string(role)?).output()?;
    let error = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(output.status.success(), "{role:?} failed: {error}");
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Plays a role and says what it cost.
pub(crate) fn play(role: &str) -> anyhow::Result<()> {
    let role: Role = serde_json::from_str(role)?;
    let bytes = on_a_system(async {
        match role {
            Role::Awake { home, count } => awake(&home, count).await,
            Role::Finished { home, counts } => finished(&home, counts).await,
            Role::Workflows { home, counts } => finished_workflows(&home, counts).await,
            Role::Restarted { home } => restarted(&home).await,
        }
    })?;
    println!("{}", serde_json::to_string(&bytes)?);
    Ok(())
}

// ---- Awake ----

/// Processes that wait for their turn: nobody is admitted, so that nothing but being awake happens.
async fn awake(home: &Path, count: usize) -> anyhow::Result<Bytes> {
    let (parts, running) = system(home, Duration::from_hours(1))?;
    // The first half fills the caches that have nothing to do with how many are awake.
    let mut bytes = [0; 2];
    for (half, bytes) in bytes.iter_mut().enumerate() {
        let wanted = (half + 1) * count;
        while parts.processes.census().0 < wanted {
            let some = (wanted - parts.processes.census().0).min(256);
            let prompt = prompt(&parts).await?;
            let spawns = (0..some).map(|_| spawn(&parts, prompt.clone()));
            join_all(spawns).await.into_iter().collect::<anyhow::Result<Vec<Name>>>()?;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        *bytes = bytes_in_memory(std::process::id())?;
    }
    running.shutdown().await;
    Ok(bytes)
}

// ---- Finished ----

async fn finished(home: &Path, counts: [usize; 2]) -> anyhow::Result<Bytes> {
    let (parts, running) = system(home, Duration::from_millis(200))?;
    let mut bytes = [0; 2];
    let mut done = 0;
    for (count, bytes) in counts.into_iter().zip(&mut bytes) {
        while done < count {
            let some = (count - done).min(256);
            finish(&parts, some).await?;
            done += some;
        }
        wait(|| parts.processes.census().0 == 0 && parts.sessions.census().0 == 0).await?;
        *bytes = bytes_in_memory(std::process::id())?;
    }
    running.shutdown().await;
    Ok(bytes)
}

/// A workflow of one step.
const BRIEF: &str =
    "{name: brief, state: {n: {reducer: sum}}, start: one, nodes: {one: {set: {n: 1}}}}";

async fn finished_workflows(home: &Path, counts: [usize; 2]) -> anyhow::Result<Bytes> {
    let (parts, running) = system(home, Duration::from_millis(200))?;
    let house = Workflows::of(parts.workflows.clone(), BRIEF).await?;
    let (mut bytes, mut done, input) = ([0; 2], 0, serde_json::json!({}));
    for (count, bytes) in counts.into_iter().zip(&mut bytes) {
        while done < count {
            let some = (count - done).min(256);
            let runs = join_all((0..some).map(|_| house.run(&input))).await;
            runs.into_iter().collect::<anyhow::Result<Vec<()>>>()?;
            done += some;
        }
        wait(|| parts.workflows.census().0 == 0).await?;
        *bytes = bytes_in_memory(std::process::id())?;
    }
    running.shutdown().await;
    Ok(bytes)
}

async fn restarted(home: &Path) -> anyhow::Result<Bytes> {
    let before = bytes_in_memory(std::process::id())?;
    let (_parts, running) = system(home, Duration::from_millis(200))?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let bytes = [before, bytes_in_memory(std::process::id())?];
    running.shutdown().await;
    Ok(bytes)
}

/// Spawns so many processes and cancels them, and waits until they have been archived: a whole life
/// with all that an entity keeps and lets go, but for the attempts, which last long and leave nothing
/// in memory that these do not.
async fn finish(parts: &Parts, count: usize) -> anyhow::Result<()> {
    let topics = [format!("{}.spawn.*", parts.journal.topic_root())];
    let after = parts.journal.feed().head();
    let mut subscription = parts.journal.subscribe(Patterns::parse(&topics)?, after);
    let prompt = prompt(parts).await?;
    let lives = (0..count).map(|_| live(parts, prompt.clone()));
    join_all(lives).await.into_iter().collect::<anyhow::Result<Vec<()>>>()?;
    let mut ended = 0;
    while ended < count {
        let batch = subscription.next().await?;
        let archived = batch.messages.iter().filter(|m| m.event_type == "SPAWN_ARCHIVED");
        ended += archived.count();
    }
    Ok(())
}

async fn live(parts: &Parts, prompt: Durable<Reference>) -> anyhow::Result<()> {
    let name = spawn(parts, prompt).await?;
    let cancel = Command::Cancel { by: "the benchmark".into() };
    parts.processes.tell(&name, MessageId::fresh(), cancel).await?;
    Ok(())
}

async fn prompt(parts: &Parts) -> anyhow::Result<Durable<Reference>> {
    let file = format!("prompts/queue/{}.txt", Name::fresh());
    Ok(parts.journal.files().run(move |files| files.publish(&file, b"Say hello")).await?)
}

/// Orders a process, which waits for its turn.
async fn spawn(parts: &Parts, prompt: Durable<Reference>) -> anyhow::Result<Name> {
    let name = Name::fresh();
    let order = Order {
        prompt,
        pinned: Pinned::default(),
        asked: Hash::of(b""),
        runtime: "none".into(),
        model: "none".into(),
        agent_id: None,
        profile: None,
        session_id: None,
        workflow_id: None,
        workdir: None,
        site: None,
        priority: 0,
        timeout_s: 60,
        retry: RetryPolicy { max_retries: 0, max_lost: 0, first_ms: 1, max_ms: 1 },
        on_lost: OnLost::Retry,
        needs_room: false,
        fallbacks: Vec::new(),
    };
    parts.processes.tell_fresh(&name, MessageId::fresh(), Command::Spawn(Box::new(order))).await?;
    Ok(name)
}

// ---- The system ----

/// Admits nobody, so nobody is asked.
struct Nobody;

impl Execute for Nobody {
    fn execute(
        &self,
        _work: Work,
        _desk: Desk,
    ) -> LocalBoxFuture<'static, Result<Executed, ExecuteError>> {
        let error = "nobody is here".into();
        let error = ExecuteError {
            kind: ErrorKind::Final,
            error,
            charge: Charge::Nothing,
            retry_after_ms: None,
        };
        Box::pin(std::future::ready(Err(error)))
    }
}

fn system(home: &Path, idle: Duration) -> anyhow::Result<(Parts, Running)> {
    let settings = SystemSettings {
        journal: JournalSettings::default(),
        host: HostSettings { idle, ..HostSettings::default() },
        limits: BTreeMap::new(),
        sweep: SweepSettings { grace: Duration::from_hours(1), keep: Duration::from_hours(1) },
        sweep_every: Duration::from_hours(1),
        settle: Duration::from_secs(10),
        unsettled_starts: 0,
    };
    let parts = Parts::open(Home::open(home, None)?, settings, Clock::system())?;
    let running = parts.clone().start(|| Nobody, Vec::new())?;
    Ok((parts, running))
}

async fn wait(is_so: impl Fn() -> bool) -> anyhow::Result<()> {
    let began = Instant::now();
    while !is_so() {
        anyhow::ensure!(began.elapsed() < Duration::from_mins(2), "it does not come about");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}
