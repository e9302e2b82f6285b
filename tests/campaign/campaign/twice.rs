//! A kill, and later a power cut: what the first server left in the kernel's hands, the second one
//! finds, and must not take for durable.

use std::time::{Duration, Instant};

use super::choice::dropped;
use super::kinds::kinds;
use super::settings::{States, seed, states};
use super::stage::{recording, stage};
use crate::chance::Chance;
use crate::trial::{Bench, try_all};

/// So many power cuts are tried for each kill.
const CUTS: usize = 5;
/// The longest time for one kill.
const PATIENCE: Duration = Duration::from_mins(1);

#[test]
fn a_power_cut_after_a_kill_loses_nothing_that_was_built_on() {
    let _stage = stage();
    let Some(recording) = recording() else { return };
    let (started, bench, mut chance) = (Instant::now(), Bench::new(), Chance::new(seed()));
    let (mut tried, mut broken) = (0, Vec::new());
    for (kind, places) in kinds(&recording.trace) {
        let killed = places[chance.below(places.len())];
        let both = bench.killed_and_finished(recording, killed);
        let mut cuts = dropped(&both, killed..=both.trace.operations.len());
        cuts.sort_by_cached_key(|_| chance.next());
        cuts.truncate(if states() == States::All { cuts.len() } else { CUTS });
        let outcome = try_all(&both, &cuts, Instant::now() + PATIENCE, 1);
        tried += outcome.tried;
        let laws = outcome.broken.into_iter();
        broken.extend(laws.map(|law| (format!("killed at {killed}, before {kind}"), law)));
    }
    eprintln!("campaign: {tried} power cuts after kills tried, in {:.0?}", started.elapsed());
    assert!(broken.is_empty(), "laws were broken: {broken:#?}");
}
