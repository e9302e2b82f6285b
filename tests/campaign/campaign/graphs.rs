//! Workflows, crashed, and crashed once more while they recover: each ends as without a crash.

use std::time::{Duration, Instant};

use super::choice::{all, boundaries, dropped, seeded};
use super::settings::{States, seed, states, time_or};
use super::stage::{recording_of_graphs, stage};
use crate::chance::Chance;
use crate::trace::Operation;
use crate::trial::{Bench, Crash, try_all};

/// Within so many messages of a recovery the second kill comes.
const MESSAGES: usize = 40;
/// How long crashes with a second kill are tried in continuous integration, and power cuts in recoveries.
const KILLS: Duration = Duration::from_secs(50);
const CUTS: Duration = Duration::from_secs(20);
/// So many power cuts are tried in each recovery.
const CUTS_EACH: usize = 8;

#[test]
fn workflows_end_as_without_a_crash_also_when_their_recovery_is_killed() {
    let _stage = stage();
    let Some(recording) = recording_of_graphs() else { return };
    let (started, mut chance) = (Instant::now(), Chance::new(seed()));
    let mut crashes = boundaries(recording);
    let at_boundaries = crashes.len();
    match states() {
        States::Seeded(count) => crashes.extend(seeded(recording, count / 4, seed())),
        States::All => crashes.extend(all(recording, seed())),
    }
    for crash in &mut crashes {
        crash.again = Some(i64::try_from(chance.below(MESSAGES)).unwrap());
    }
    // There may not be time for all: those that are tried lie anywhere.
    crashes.sort_by_cached_key(|_| chance.next());
    let deadline = started + time_or(KILLS);
    let outcome = try_all(recording, &crashes, deadline, 3);
    let (length, tried) = (recording.trace.operations.len(), outcome.tried);
    eprintln!(
        "workflows: {length} operations, {at_boundaries} boundaries; {tried} of {} crashes with a second kill tried, \
         in {:.0?}, CALLBOARD_TEST_CAMPAIGN_SEED={}",
        crashes.len(),
        started.elapsed(),
        seed()
    );
    assert!(outcome.broken.is_empty(), "laws were broken: {:#?}", outcome.broken);
    assert!(tried > 20, "only {tried} crashes were tried");
}

#[test]
fn a_power_cut_while_workflows_recover_loses_nothing_that_was_built_on() {
    let _stage = stage();
    let Some(recording) = recording_of_graphs() else { return };
    let (started, bench, mut chance) = (Instant::now(), Bench::new(), Chance::new(seed()));
    let is_sync = |operation: &Operation| matches!(operation, Operation::Sync { .. });
    let operations = recording.trace.operations.iter().enumerate();
    let mut kills: Vec<_> = operations.filter(|(_, op)| is_sync(op)).map(|(at, _)| at).collect();
    kills.sort_by_cached_key(|_| chance.next());
    let (mut tried, mut recoveries, deadline) = (0, 0, started + time_or(CUTS));
    for killed in kills {
        if Instant::now() > deadline {
            break;
        }
        let both = bench.killed_and_finished(recording, killed);
        let mut cuts: Vec<Crash> = dropped(&both, killed..=both.trace.operations.len());
        cuts.sort_by_cached_key(|_| chance.next());
        cuts.truncate(if states() == States::All { cuts.len() } else { CUTS_EACH });
        let outcome = try_all(&both, &cuts, deadline, 1);
        assert!(outcome.broken.is_empty(), "killed at {killed}: {:#?}", outcome.broken);
        (tried, recoveries) = (tried + outcome.tried, recoveries + 1);
    }
    eprintln!(
        "workflows: {tried} power cuts in {recoveries} recoveries tried, in {:.0?}",
        started.elapsed()
    );
    assert!(tried > 0, "there was no time for any");
}
