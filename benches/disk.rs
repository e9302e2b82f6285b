//! What steps leave on the disk: steps that each append some bytes to the state. The baseline are those bytes.

use crate::support::{Ledger, Scale, Table, Workflows, folder, number, on_a_system, ratio};
use serde_json::json;
use std::path::Path;

const DEFINITION: &str = "
name: disk
input: {type: object, required: [text, steps], properties: {text: {type: string}, steps: {type: integer}}}
state: {log: {reducer: append}, n: {reducer: sum}}
output: {n: state.n}
limits: {steps: 100000}
start: write
nodes:
  write: {set: {log: input.text, n: 1}}
edges:
  - {from: write, to: write, when: state.n < input.steps}
  - {from: write, to: end, otherwise: true}
";

/// Runs it.
pub(crate) fn run(scale: Scale) -> anyhow::Result<()> {
    let columns = ["steps", "bytes a step", "bytes of the home", "of the data", "a step more"];
    let mut table = Table::new(columns);
    let sizes = scale.pick(vec![0_u32, 100, 1_000, 8_000], vec![0, 100]);
    let steps = scale.pick([100_u32, 1_000], [10, 20]);
    on_a_system(async {
        for bytes in sizes {
            let few = home(steps[0], bytes).await?;
            let many = home(steps[1], bytes).await?;
            let data = f64::from(steps[1]) * f64::from(bytes);
            table.row([
                number(f64::from(steps[1])),
                number(f64::from(bytes)),
                number(many),
                if bytes == 0 { "-".into() } else { ratio(many / data) },
                format!("{} B", number((many - few) / f64::from(steps[1] - steps[0]))),
            ]);
        }
        anyhow::Ok(())
    })?;
    table.print();
    Ok(())
}

/// How many bytes a home has in which one workflow took so many steps.
async fn home(steps: u32, bytes: u32) -> anyhow::Result<f64> {
    let folder = folder()?;
    let ledger = Ledger::open(folder.path())?;
    let house = Workflows::open(ledger.journal.clone(), DEFINITION).await?;
    let text = "x".repeat(bytes as usize);
    house.run(&json!({ "text": text, "steps": steps })).await?;
    drop(house);
    ledger.close()?;
    // As a server leaves it when it is stopped.
    let database = rusqlite::Connection::open(folder.path().join("callboard.db"))?;
    database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    drop(database);
    Ok(bytes_in(folder.path())? as f64)
}

fn bytes_in(folder: &Path) -> anyhow::Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        bytes += if metadata.is_dir() { bytes_in(&entry.path())? } else { metadata.len() };
    }
    Ok(bytes)
}
