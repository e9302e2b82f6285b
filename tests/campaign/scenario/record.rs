//! Recording the scenario.

use std::fs;
use std::path::Path;

use super::cast::Cast;
use super::said::{Said, said_in};
use crate::disk::{Disk, State};
use crate::trace::{Operation, Trace, read_trace, traced};
use crate::trial::Crash;
use crate::world::{Client, Mock, Server, Setup};

/// What was done, who took part, and what was said.
#[derive(Debug, Clone)]
pub(crate) struct Recording {
    pub(crate) trace: Trace,
    pub(crate) cast: Cast,
    pub(crate) said: Vec<(usize, Said)>,
    /// With which it was talked to.
    pub(crate) token: String,
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
    let (home, output) = (folder.join("home"), folder.join("trace"));
    fs::create_dir(&home).unwrap();
    mock.begin(crate::world::Counts::new());
    let server = Server::of(&home, traced(&setup.serve(&home), &output)).unwrap();
    let token = server.client.token.clone();
    let cast = play(&server.client);
    match end {
        End::Stopped => server.stop(),
        End::Killed => server.kill(),
    }
    let trace = read_trace(&output, &home);
    fs::remove_file(&output).unwrap();
    Recording::new(trace, cast, token)
}

impl Recording {
    fn new(trace: Trace, cast: Cast, token: String) -> Self {
        let said = said_in(&trace);
        Self { trace, cast, said, token }
    }

    /// The same evening with another trace.
    pub(crate) fn with(&self, trace: Trace) -> Self {
        Self::new(trace, self.cast.clone(), self.token.clone())
    }

    /// The evening up to a kill, and what a second server did then on the same disk.
    pub(crate) fn then(&self, prefix: usize, second: Trace) -> Self {
        let mut operations = self.first(prefix).to_vec();
        operations.extend(second.operations.into_iter().map(|operation| match operation {
            Operation::Sync { path, began } => Operation::Sync { path, began: began + prefix },
            other => other,
        }));
        self.with(Trace { operations })
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
