//! A kill, and later a power cut: what the first server left in the kernel's hands, the second one
//! finds, and must not take for durable.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::choice::dropped;
use super::kinds::kinds;
use super::settings::{States, seed, states};
use super::stage::{recording, stage};
use crate::chance::Chance;
use crate::trial::{on_benches, try_on};

/// So many power cuts are tried for each kill.
const CUTS: usize = 5;
/// The longest time for one kill.
const PATIENCE: Duration = Duration::from_mins(1);

#[test]
fn a_power_cut_after_a_kill_loses_nothing_that_was_built_on() {
    let _stage = stage();
    let Some(recording) = recording() else { return };
    let (started, mut chance) = (Instant::now(), Chance::new(seed()));
    let kills: Vec<_> = kinds(&recording.trace)
        .into_iter()
        .map(|(kind, places)| (kind, places[chance.below(places.len())], chance.next()))
        .collect();
    let (tried, broken) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    on_benches(&kills, |bench, (kind, killed, seed)| {
        let both = bench.killed_and_finished(recording, *killed);
        let mut cuts = dropped(&both, *killed..=both.trace.operations.len());
        let mut chance = Chance::new(*seed);
        cuts.sort_by_cached_key(|_| chance.next());
        cuts.truncate(if states() == States::All { cuts.len() } else { CUTS });
        let outcome = try_on(bench, &both, &cuts, Instant::now() + PATIENCE, 1);
        tried.fetch_add(outcome.tried, Ordering::Relaxed);
        let laws = outcome.broken.into_iter();
        let laws = laws.map(|law| (format!("killed at {killed}, before {kind}"), law));
        broken.lock().unwrap().extend(laws);
    });
    let (tried, broken) = (tried.into_inner(), broken.into_inner().unwrap());
    eprintln!("campaign: {tried} power cuts after kills tried, in {:.0?}", started.elapsed());
    assert!(broken.is_empty(), "laws were broken: {broken:#?}");
}
