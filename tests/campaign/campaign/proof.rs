//! The campaign proves itself: a server that forgets a sync is found out.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::choice::{Walk, dropped};
use super::kinds::{kinds, without};
use super::settings::seed;
use super::stage::{record_with, recording, stage};
use crate::chance::Chance;
use crate::scenario::{End, Recording};
use crate::trial::{Bench, Crash, on_benches, try_all, try_on};

/// Kinds of syncs whose loss no state can notice, each with the reason.
const UNNOTICED: [(&str, &str); 4] = [
    (
        "file callboard.db-journal",
        "it guards the one page that turns an empty database to WAL mode, before anyone is answered",
    ),
    ("file server.json", "every start writes it anew, and a stale one is no obstacle"),
    (
        "folder processes/{id}/{n} after exit",
        "an exit is read only while the journal does not know the attempt's end, which it is told \
         next; the answer itself came before, with a sync of its own",
    ),
    (
        "folder processes/{id}/{n} after outcome",
        "the sync of the same folder after exit covers it, and only then the journal is told",
    ),
];

/// Of a kind that cannot be noticed only so many states are tried.
const SAMPLE: usize = 12;
/// How long a kind's loss is looked for.
const PATIENCE: Duration = Duration::from_mins(1);

#[test]
fn a_server_that_does_not_sync_its_database_is_found_out() {
    let _stage = stage();
    if recording().is_none() {
        return;
    }
    let recording = record_with(&[("CALLBOARD_JOURNAL__SYNCHRONOUS", "off")], End::Killed);
    let crashes = dropped(&recording, 0..=recording.trace.operations.len());
    let outcome = try_all(&recording, &crashes, Instant::now() + PATIENCE, 1);
    eprintln!("campaign: synchronous=off: found out after {} states", outcome.tried);
    assert!(!outcome.broken.is_empty(), "{} states, and nobody noticed", outcome.tried);
}

#[test]
fn every_kind_of_sync_is_missed_when_it_is_gone() {
    let _stage = stage();
    let Some(recording) = recording() else { return };
    let kinds: Vec<_> = kinds(&recording.trace).into_iter().collect();
    let wrong = Mutex::new(Vec::new());
    on_benches(&kinds, |bench, (kind, places)| {
        let (verdict, error) = judge(bench, recording, kind, places);
        eprintln!("campaign: without {kind} ({} times): {verdict}", places.len());
        wrong.lock().unwrap().extend(error);
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What became of a server without these syncs, in words; and what is wrong with that.
fn judge(
    bench: &Bench,
    recording: &Recording,
    kind: &str,
    places: &[usize],
) -> (String, Option<String>) {
    let reason = UNNOTICED.iter().find(|(listed, _)| *listed == kind).map(|(_, reason)| *reason);
    let forgetful = recording.with(without(&recording.trace, places));
    let mut crashes = telling(recording, &forgetful, places[0]);
    let there_are = crashes.len();
    crashes.truncate(if reason.is_some() { SAMPLE } else { there_are });
    let outcome = try_on(bench, &forgetful, &crashes, Instant::now() + PATIENCE, 1);
    let tried = outcome.tried;
    match (outcome.broken.first(), reason) {
        (Some((crash, broken)), None) => {
            let how: String = broken[0].chars().take(90).collect();
            (format!("found out in state {tried}, {crash}: {how}"), None)
        }
        (None, Some(reason)) => (format!("not noticed in {tried} of {there_are}: {reason}"), None),
        (Some((crash, broken)), Some(_)) => {
            let error = format!("{kind} is listed as unnoticed, but {crash}: {broken:?}");
            ("found out, though listed".to_owned(), Some(error))
        }
        (None, None) => {
            let error = format!("{kind}: {tried} of {there_are} states, and nobody noticed");
            ("NOT NOTICED".to_owned(), Some(error))
        }
    }
}

/// Crashes that leave something else without the syncs than with them, in an order of chance.
fn telling(recording: &Recording, forgetful: &Recording, from: usize) -> Vec<Crash> {
    let length = recording.trace.operations.len();
    let (mut with, mut without) = (Walk::new(recording), Walk::new(forgetful));
    let mut crashes = dropped(forgetful, from..=length);
    crashes.retain(|crash| with.state_after(crash.prefix) != without.state_after(crash.prefix));
    let mut chance = Chance::new(seed());
    crashes.sort_by_cached_key(|_| chance.next());
    crashes
}
