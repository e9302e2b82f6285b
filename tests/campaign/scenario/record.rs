//! Recording the scenario.

use std::fs;
use std::path::Path;

use super::cast::Cast;
use super::play::play;
use super::said::{Said, said_in};
use crate::trace::{Trace, read_trace, traced};
use crate::world::{Mock, Server, Setup};

/// What was done, who took part, and what was said.
#[derive(Debug, Clone)]
pub(crate) struct Recording {
    pub(crate) trace: Trace,
    pub(crate) cast: Cast,
    pub(crate) said: Vec<(usize, Said)>,
}

/// How a recorded server ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Stopped,
    Killed,
}

/// Plays the scenario to a real server, whose home will be `folder/home`.
pub(crate) fn record(setup: &Setup, mock: &Mock, folder: &Path, end: End) -> Recording {
    let (home, output) = (folder.join("home"), folder.join("trace"));
    fs::create_dir(&home).unwrap();
    mock.begin(crate::world::Counts::new());
    let server = Server::of(traced(&setup.serve(&home), &output), &home).unwrap();
    let cast = play(&server.client);
    match end {
        End::Stopped => server.stop(),
        End::Killed => server.kill(),
    }
    let trace = read_trace(&output, &home);
    fs::remove_file(&output).unwrap();
    let said = said_in(&trace);
    Recording { trace, cast, said }
}

impl Recording {
    /// What may have been heard when a crash came after the first `prefix` operations.
    pub(crate) fn said_by(&self, prefix: usize) -> impl Iterator<Item = &Said> {
        self.said.iter().take_while(move |(at, _)| *at <= prefix).map(|(_, said)| said)
    }
}
