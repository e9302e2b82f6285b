//! Many trials, on some benches at once, for as long as there is time.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
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

/// Tries crashes in their order until there are no more, time is up, or `enough` were broken.
pub(crate) fn try_all(
    recording: &Recording,
    crashes: &[Crash],
    deadline: Instant,
    enough: usize,
) -> Outcome {
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let outcome = Mutex::new(Outcome::default());
    let work = || {
        let bench = recording.bench.clone().unwrap_or_else(Bench::new);
        while !stop.load(Ordering::Relaxed) && Instant::now() < deadline {
            let Some(crash) = crashes.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
            let broken = bench.try_out(recording, crash);
            let mut outcome = outcome.lock().unwrap();
            outcome.tried += 1;
            if !broken.is_empty() {
                outcome.broken.push((crash.to_string(), broken));
            }
            stop.fetch_or(outcome.broken.len() >= enough, Ordering::Relaxed);
        }
    };
    let benches = if recording.bench.is_some() { 1 } else { BENCHES };
    thread::scope(|scope| (0..benches).for_each(|_| drop(scope.spawn(work))));
    outcome.into_inner().unwrap()
}

impl std::fmt::Display for Crash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "after {} operations, unsynced {}", self.prefix, self.policy)?;
        self.again.map_or(Ok(()), |messages| write!(f, ", and killed {messages} messages later"))
    }
}
