//! Durable steps of workflows: graphs of ten `set` nodes, one after the other, each step a checkpoint that is on disk
//! before the next begins. The baseline writes as many rows as a step has, for as many workflows at once in one
//! commit, in a bare loop of the same run.

use crate::support::{
    Bare, Driven, Ledger, Row, Scale, Table, Workflows, drive, folder, median, millis, number,
    on_a_system, ratio,
};
use serde_json::json;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

/// How many steps a workflow has.
const STEPS: u32 = 10;
/// What a step writes into the journal: its command, its node's end, its checkpoint and the next node's begin.
const ROWS: u32 = 4;

/// One round with so many workflows at once.
#[derive(Debug)]
struct Round {
    steps: Driven,
    bare: f64,
    kept: Kept,
}

/// What a round has left in the journal, for each step.
#[derive(Debug, Clone, Copy)]
struct Kept {
    appends: f64,
    rows: f64,
    bytes: f64,
}

/// Runs it.
pub(crate) fn run(scale: Scale) -> anyhow::Result<()> {
    on_a_system(async {
        let mut results: Vec<_> = scale
            .pick(vec![1_u32, 16, 256], vec![4])
            .into_iter()
            .map(|n| (n, Vec::new()))
            .collect();
        for _ in 0..scale.pick(5, 1) {
            for (at_once, rounds) in &mut results {
                rounds.push(round(*at_once, Duration::from_millis(scale.pick(3_000, 200))).await?);
            }
        }
        tell(&mut results);
        Ok(())
    })
}

fn tell(results: &mut [(u32, Vec<Round>)]) {
    let mut table = Table::new([
        "at once",
        "steps/s",
        "bare/s",
        "of bare",
        "p50 of ten",
        "appends/step",
        "rows/step",
        "bytes/step",
    ]);
    for (at_once, rounds) in results {
        let per_second = |round: &Round| round.steps.per_second() * f64::from(STEPS);
        let steps = median(rounds.iter().map(per_second));
        let bare = median(rounds.iter().map(|round| round.bare));
        let share = median(rounds.iter().map(|round| per_second(round) / round.bare));
        let kept = rounds[0].kept;
        let p50 =
            median(rounds.iter_mut().map(|r| r.steps.latencies.percentile(0.5).as_secs_f64()));
        table.row([
            at_once.to_string(),
            number(steps),
            number(bare),
            ratio(share),
            millis(Duration::from_secs_f64(p50)),
            format!("{:.2}", kept.appends),
            format!("{:.1}", kept.rows),
            number(kept.bytes),
        ]);
    }
    table.print();
}

async fn round(at_once: u32, span: Duration) -> anyhow::Result<Round> {
    let bare = bare(at_once, span)?;
    let folder = folder()?;
    let ledger = Ledger::open(folder.path())?;
    let house = Rc::new(Workflows::open(ledger.journal.clone(), &definition()).await?);
    let working = Rc::clone(&house);
    let steps = drive(at_once, span, move |_, _| {
        let house = Rc::clone(&working);
        async move { house.run(&json!({})).await }
    });
    let steps = steps.await?;
    let kept = kept(folder.path(), steps.count * u64::from(STEPS))?;
    drop(house);
    ledger.close()?;
    Ok(Round { steps, bare, kept })
}

/// The same rows in a bare loop: all workflows take a step in one commit.
fn bare(at_once: u32, span: Duration) -> anyhow::Result<f64> {
    let folder = folder()?;
    let mut bare = Bare::open(folder.path(), at_once)?;
    let data = json!({ "step": 1, "writes": "x".repeat(200) }).to_string();
    let rows = || {
        let row = || Row { data: data.clone(), content: None };
        Ok((0..at_once * ROWS).map(|_| row()).collect())
    };
    let (count, took, _) = bare.write(span, rows)?;
    Ok(count as f64 / f64::from(ROWS) / took.as_secs_f64())
}

fn kept(folder: &Path, steps: u64) -> anyhow::Result<Kept> {
    let database = rusqlite::Connection::open(folder.join("callboard.db"))?;
    let one = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0));
    let per_step = |count: i64| count as f64 / steps as f64;
    Ok(Kept {
        appends: per_step(one("SELECT count(*) FROM messages WHERE kind = 'command'")?),
        rows: per_step(one("SELECT count(*) FROM messages")?),
        bytes: per_step(one("SELECT sum(length(data)) FROM messages")?),
    })
}

/// Ten nodes in a row.
fn definition() -> String {
    let nodes = (1..=STEPS).map(|n| format!("  n{n}: {{set: {{count: 1}}}}\n"));
    let edges = (1..STEPS).map(|n| format!("  - {{from: n{n}, to: n{}}}\n", n + 1));
    format!(
        "name: steps\nstate:\n  count: {{reducer: sum}}\nstart: n1\nnodes:\n{}edges:\n{}",
        nodes.collect::<String>(),
        edges.collect::<String>()
    )
}
