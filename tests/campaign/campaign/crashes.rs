//! The server, crashed: whatever is left of its home, it goes on and the laws hold.

use std::time::Instant;

use super::choice;
use super::settings::{States, seed, states, time};
use super::stage::{recording, stage};
use crate::disk::{Disk, Policy, State};
use crate::scenario::{End, Recording, processes, record};
use crate::trial::{Crash, Outcome, try_all};
use crate::world::{Mock, Setup, scratch};

#[test]
fn after_every_crash_the_server_goes_on_and_the_laws_hold() {
    let _stage = stage();
    let Some(recording) = recording() else { return };
    let (started, seed) = (Instant::now(), seed());
    let boundaries = choice::boundaries(recording);
    let others = match states() {
        States::Seeded(count) => choice::seeded(recording, count, seed),
        States::All => choice::all(recording, seed),
    };
    let length = recording.trace.operations.len();
    eprintln!("campaign: {length} operations, CALLBOARD_TEST_CAMPAIGN_SEED={seed}");
    let first = tried("commit and rename boundaries", recording, &boundaries, started);
    assert_eq!(first.tried, boundaries.len(), "there was no time for all boundaries");
    let second = tried("other states", recording, &others, started);
    let (tried, all) = (first.tried + second.tried, boundaries.len() + others.len());
    eprintln!("campaign: {tried} states tried of {all}, in {:.0?}", started.elapsed());
}

fn tried(what: &str, recording: &Recording, crashes: &[Crash], started: Instant) -> Outcome {
    let outcome = try_all(recording, crashes, started + time(), 3);
    eprintln!("campaign: {what}: {} of {} tried", outcome.tried, crashes.len());
    assert!(outcome.broken.is_empty(), "laws were broken: {:#?}", outcome.broken);
    outcome
}

#[test]
fn a_recording_knows_everything_that_is_in_the_home() {
    let _stage = stage();
    if recording().is_none() {
        return;
    }
    for end in [End::Stopped, End::Killed] {
        let (folder, mock) = (scratch(), Mock::start());
        let setup = Setup::new(folder.path(), mock.address);
        let recording = record(&setup, &mock, folder.path(), processes, end);
        let disk = Disk::after(&recording.trace.operations).unwrap();
        let kept = disk.crash(Policy::KeepAll).comparable();
        let real = State::read(&folder.path().join("home")).comparable();
        assert_eq!(kept.differences(&real), [""; 0], "{end:?}");
    }
}
