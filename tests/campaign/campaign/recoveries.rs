//! Crashes whose recovery is killed, too; and power cuts while a server recovers.

use std::time::{Duration, Instant};

use super::choice::{all, boundaries, dropped, seeded};
use super::settings::{States, seed, states, time_or, tries_all_cuts};
use crate::chance::Chance;
use crate::scenario::Recording;
use crate::trace::Operation;
use crate::trial::{Bench, Crash, try_all};

/// Within so many messages of a recovery the second kill comes.
const MESSAGES: usize = 40;
/// So many power cuts are tried in each recovery.
const CUTS_EACH: usize = 8;

/// How much of an evening is tried in continuous integration.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    /// For so long.
    pub(super) time: Duration,
    /// With fewer crashes nothing was tried.
    pub(super) at_least: usize,
}

/// Tries crashes at the boundaries and elsewhere, each with a second kill.
pub(super) fn kills(name: &str, recording: &Recording, share: Share) {
    let (started, mut chance) = (Instant::now(), Chance::new(seed()));
    let mut crashes = boundaries(recording);
    // There may not be time for all: those that are tried lie anywhere, and boundaries come first.
    crashes.sort_by_cached_key(|_| chance.next());
    let at_boundaries = crashes.len();
    match states() {
        States::Seeded(count) => crashes.extend(seeded(recording, count / 4, seed())),
        States::All => crashes.extend(all(recording, seed())),
    }
    for crash in &mut crashes {
        crash.again = Some(i64::try_from(chance.below(MESSAGES)).unwrap());
    }
    let outcome = try_all(recording, &crashes, started + time_or(share.time), 3);
    let (length, tried) = (recording.trace.operations.len(), outcome.tried);
    eprintln!(
        "{name}: {length} operations, {at_boundaries} boundaries; {tried} of {} crashes with a second kill tried, \
         in {:.0?}, CALLBOARD_TEST_CAMPAIGN_SEED={}",
        crashes.len(),
        started.elapsed(),
        seed()
    );
    assert!(outcome.broken.is_empty(), "laws were broken: {:#?}", outcome.broken);
    assert!(tried >= share.at_least, "only {tried} crashes were tried");
}

/// Tries power cuts in recoveries from kills.
pub(super) fn cuts(name: &str, recording: &Recording, time: Duration) {
    let (started, mut chance) = (Instant::now(), Chance::new(seed()));
    let bench = recording.bench.clone().unwrap_or_else(Bench::new);
    let is_sync = |operation: &Operation| matches!(operation, Operation::Sync { .. });
    let operations = recording.trace.operations.iter().enumerate();
    let mut kills: Vec<_> = operations.filter(|(_, op)| is_sync(op)).map(|(at, _)| at).collect();
    kills.sort_by_cached_key(|_| chance.next());
    let (mut tried, mut recoveries, deadline) = (0, 0, started + time_or(time));
    for killed in kills {
        if Instant::now() > deadline {
            break;
        }
        let both = bench.killed_and_finished(recording, killed);
        let mut cuts: Vec<Crash> = dropped(&both, killed..=both.trace.operations.len());
        cuts.sort_by_cached_key(|_| chance.next());
        cuts.truncate(if tries_all_cuts() { cuts.len() } else { CUTS_EACH });
        let outcome = try_all(&both, &cuts, deadline, 1);
        assert!(outcome.broken.is_empty(), "killed at {killed}: {:#?}", outcome.broken);
        (tried, recoveries) = (tried + outcome.tried, recoveries + 1);
    }
    eprintln!(
        "{name}: {tried} power cuts in {recoveries} recoveries tried, in {:.0?}",
        started.elapsed()
    );
    assert!(tried > 0, "there was no time for any");
}
