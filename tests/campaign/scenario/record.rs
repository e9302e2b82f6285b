//! Recording the scenario.

use std::fs;
use std::path::Path;

use super::cast::Cast;
use super::said::{Said, said_in};
use crate::disk::{Disk, Policy, State};
use crate::trace::{Operation, Trace, is_a_copy, read_trace, traced};
use crate::trial::{Bench, Crash};
use crate::world::{Client, Counts, Mock, Server, Setup};

/// What was done, who took part, and what was said.
#[derive(Debug, Clone)]
pub(crate) struct Recording {
    pub(crate) trace: Trace,
    pub(crate) cast: Cast,
    pub(crate) said: Vec<(usize, Said)>,
    /// With which it was talked to.
    pub(crate) token: String,
    /// Where its home lies, if it has to lie there again: paths that lead there are on record.
    pub(crate) bench: Option<Bench>,
}

/// Plays to a server, and tells who took part.
pub(crate) type Evening = fn(&Client) -> Cast;

/// How a recorded server ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Stopped,
    Killed,
}

/// Plays an evening to a real server, whose home will be `folder/home`.
pub(crate) fn record(
    setup: &Setup,
    mock: &Mock,
    folder: &Path,
    play: Evening,
    end: End,
) -> Recording {
    record_on(&[], setup, mock, folder, play, end)
}

/// The same in a home in which these things lie before.
pub(crate) fn record_on(
    props: &[Operation],
    setup: &Setup,
    mock: &Mock,
    folder: &Path,
    play: Evening,
    end: End,
) -> Recording {
    let (home, output) = (folder.join("home"), folder.join("trace"));
    fs::create_dir(&home).unwrap();
    Disk::after(props).unwrap().crash(Policy::KeepAll).write(&home);
    mock.begin(Counts::new());
    let server = Server::of(&home, traced(&setup.serve(&home), &output)).unwrap();
    let token = server.client.token.clone();
    let cast = play(&server.client);
    match end {
        End::Stopped => server.stop(),
        End::Killed => server.kill(),
    }
    let trace = read_trace(&output, &home).behind(props);
    fs::remove_file(&output).unwrap();
    let recording = Recording::new(trace, cast, token);
    let said = recording.said.iter().map(|(_, said)| said).collect::<Vec<_>>();
    assert_eq!(asked(&said), mock.counts(), "calls that the trace does not show");
    if recording.cast.has_tools {
        assert_eq!(unknown(&recording.trace, &home), [""; 0], "the trace does not show all of it");
    }
    recording
}

/// What is in a home and another than a trace says, but for where programs run.
fn unknown(trace: &Trace, home: &Path) -> Vec<String> {
    let kept = Disk::after(&trace.operations).unwrap().crash(Policy::KeepAll).comparable();
    let real = State::read(home).comparable();
    let differences = kept.differences(&real).into_iter().filter(|path| !is_a_copy(path));
    differences.map(str::to_owned).collect()
}

/// How often each was asked already.
pub(crate) fn asked(said: &[&Said]) -> Counts {
    let mut counts = Counts::new();
    for said in said {
        if let Said::Asked { key } = said {
            *counts.entry(key.clone()).or_default() += 1;
        }
    }
    counts
}

impl Recording {
    fn new(trace: Trace, cast: Cast, token: String) -> Self {
        let said = said_in(&trace);
        Self { trace, cast, said, token, bench: None }
    }

    /// The same evening with another trace.
    pub(crate) fn with(&self, trace: Trace) -> Self {
        let recording = Self::new(trace, self.cast.clone(), self.token.clone());
        Self { bench: self.bench.clone(), ..recording }
    }

    /// The evening up to a kill, and what a second server did then on the same disk.
    pub(crate) fn then(&self, prefix: usize, second: Trace) -> Self {
        self.with(second.behind(self.first(prefix)))
    }

    /// The first operations.
    pub(crate) fn first(&self, prefix: usize) -> &[Operation] {
        &self.trace.operations[..prefix]
    }

    /// The home as a crash leaves it.
    pub(crate) fn crash(&self, Crash { prefix, policy, .. }: Crash) -> State {
        Disk::after(self.first(prefix)).unwrap().crash(policy)
    }

    /// What may have been heard when a crash came after the first `prefix` operations.
    pub(crate) fn said_by(&self, prefix: usize) -> impl Iterator<Item = &Said> {
        self.said.iter().take_while(move |(at, _)| *at <= prefix).map(|(_, said)| said)
    }
}
