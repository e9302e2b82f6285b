//! Many trials, on some benches at once, for as long as there is time.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use super::bench::{Bench, Crash};
use crate::scenario::Recording;

/// How many at once: one server each; it waits for half of its time.
const BENCHES: usize = 4;

/// What came of many trials.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) tried: usize,
    /// A crash, and the laws that were broken after it.
    pub(crate) broken: Vec<(String, Vec<String>)>,
}

impl Outcome {
    fn note(&mut self, crash: &Crash, broken: Vec<String>) {
        self.tried += 1;
        if !broken.is_empty() {
            self.broken.push((crash.to_string(), broken));
        }
    }
}

/// Works on each of these, in their order, on some benches at once.
pub(crate) fn on_benches<T: Sync>(all: &[T], work: impl Fn(&Bench, &T) + Sync) {
    let next = AtomicUsize::new(0);
    let take = || {
        let bench = Bench::new();
        while let Some(one) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            work(&bench, one);
        }
    };
    thread::scope(|scope| (0..BENCHES).for_each(|_| drop(scope.spawn(take))));
}

/// Tries crashes in their order until there are no more, time is up, or `enough` were broken.
pub(crate) fn try_all(
    recording: &Recording,
    crashes: &[Crash],
    deadline: Instant,
    enough: usize,
) -> Outcome {
    if let Some(bench) = &recording.bench {
        return try_on(bench, recording, crashes, deadline, enough);
    }
    let outcome = Mutex::new(Outcome::default());
    on_benches(crashes, |bench, crash| {
        if Instant::now() < deadline && outcome.lock().unwrap().broken.len() < enough {
            let broken = bench.try_out(recording, crash);
            outcome.lock().unwrap().note(crash, broken);
        }
    });
    outcome.into_inner().unwrap()
}

/// The same, one after the other on one bench.
pub(crate) fn try_on(
    bench: &Bench,
    recording: &Recording,
    crashes: &[Crash],
    deadline: Instant,
    enough: usize,
) -> Outcome {
    let mut outcome = Outcome::default();
    for crash in crashes {
        if Instant::now() >= deadline || outcome.broken.len() >= enough {
            break;
        }
        outcome.note(crash, bench.try_out(recording, crash));
    }
    outcome
}

impl std::fmt::Display for Crash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "after {} operations, unsynced {}", self.prefix, self.policy)?;
        self.again.map_or(Ok(()), |messages| write!(f, ", and killed {messages} messages later"))
    }
}
