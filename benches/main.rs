//! The benchmarks, in one program: `cargo bench` runs them all, `cargo bench -- appends startup` two.
//!
//! Each compares with a baseline that does the same work bare, in interleaved rounds of one run: disks
//! and neighbours change from minute to minute, ratios hardly do. `docs/BENCHMARKS.md` says how each
//! works and what came out. With `CALLBOARD_BENCH=tiny` all of them run in seconds, so that continuous
//! integration can see that they still do; the numbers mean nothing then.

#![expect(clippy::cast_precision_loss, reason = "figures are rounded for people anyway")]
#![expect(clippy::needless_pass_by_value, reason = "a row is made where it is given")]
#![expect(clippy::type_complexity, reason = "one table of results, spelled out once")]
#![expect(clippy::print_stdout, reason = "the results are for whoever started it")]

mod appends;
mod disk;
mod fan_out;
mod first_event;
mod memory;
mod spawns;
mod startup;
mod steps;
mod subscribers;
mod support;

use support::{Scale, open_files};

/// A benchmark's name, and what runs it.
type Benchmark = (&'static str, fn(Scale) -> anyhow::Result<()>);

const ALL: [Benchmark; 9] = [
    ("appends", appends::run),
    ("spawns", spawns::run),
    ("startup", startup::run),
    ("steps", steps::run),
    ("fan-out", fan_out::run),
    ("first-event", first_event::run),
    ("disk", disk::run),
    ("memory", memory::run),
    ("subscribers", subscribers::run),
];

fn main() -> anyhow::Result<()> {
    open_files()?;
    if let Ok(role) = std::env::var(memory::ROLE) {
        return memory::play(&role);
    }
    let scale = Scale::of_environment()?;
    // Cargo adds flags of its own, such as `--bench`.
    let wanted: Vec<_> = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    for name in &wanted {
        let is_known = ALL.iter().any(|(known, _)| known == name);
        anyhow::ensure!(is_known, "there is no benchmark {name:?}");
    }
    for (name, run) in ALL {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            println!("\n## {name}\n");
            run(scale)?;
        }
    }
    Ok(())
}
