//! Fan-out: one node for each element of a list. What an element costs must not depend on how many there are: the
//! baseline is a list a tenth as long.

use crate::support::{Ledger, Scale, Table, Workflows, folder, median, number, on_a_system, ratio};
use serde_json::json;
use std::time::Instant;

const DEFINITION: &str = "
name: fan_out
input: {type: object, required: [items], properties: {items: {type: array}}}
state: {sum: {reducer: sum}}
start: each
nodes:
  each: {for_each: input.items, set: {sum: item.size}}
";

/// What one run cost, for each element.
#[derive(Debug, Clone, Copy)]
struct Cost {
    micros: f64,
    appends: f64,
}

/// Runs it.
pub(crate) fn run(scale: Scale) -> anyhow::Result<()> {
    let counts = scale.pick([1_000_u32, 10_000], [10, 100]);
    let mut costs = [Vec::new(), Vec::new()];
    on_a_system(async {
        for _ in 0..scale.pick(3, 1) {
            for (count, costs) in counts.into_iter().zip(&mut costs) {
                costs.push(one(count).await?);
            }
        }
        anyhow::Ok(())
    })?;
    let mut table = Table::new(["elements", "µs each", "appends each", "of a tenth as many"]);
    let each = |costs: &[Cost]| median(costs.iter().map(|cost| cost.micros));
    let few = each(&costs[0]);
    for (count, costs) in counts.into_iter().zip(&costs) {
        let appends = median(costs.iter().map(|cost| cost.appends));
        table.row([
            number(f64::from(count)),
            number(each(costs)),
            format!("{appends:.2}"),
            ratio(each(costs) / few),
        ]);
    }
    table.print();
    Ok(())
}

async fn one(count: u32) -> anyhow::Result<Cost> {
    let folder = folder()?;
    let ledger = Ledger::open(folder.path())?;
    let house = Workflows::open(ledger.journal.clone(), DEFINITION).await?;
    let items: Vec<_> = (0..count).map(|size| json!({ "size": size })).collect();
    let (commits, began) = (ledger.commits(), Instant::now());
    house.run(&json!({ "items": items })).await?;
    let micros = began.elapsed().as_secs_f64() * 1e6 / f64::from(count);
    let appends = (ledger.commits() - commits) as f64 / f64::from(count);
    drop(house);
    ledger.close()?;
    Ok(Cost { micros, appends })
}
