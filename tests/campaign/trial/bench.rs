//! A place where one trial after another is made.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::finish;
use crate::disk::Policy;
use crate::laws::{Case, Journal, answered_in, torn_in, violations};
use crate::scenario::{Recording, Said};
use crate::trace::{read_trace, traced};
use crate::world::{Counts, Mock, Server, Setup, scratch};

/// A folder, an API, and how servers are set up here.
#[derive(Debug)]
pub(crate) struct Bench {
    folder: TempDir,
    mock: Mock,
    setup: Setup,
}

/// A crash of what was recorded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Crash {
    /// After how many operations.
    pub(crate) prefix: usize,
    pub(crate) policy: Policy,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let (folder, mock) = (scratch(), Mock::start());
        let setup = Setup::new(folder.path(), mock.address);
        Self { folder, mock, setup }
    }

    /// Lets the real server find what the crash left, and says which laws were broken.
    pub(crate) fn try_out(&self, recording: &Recording, crash: &Crash) -> Vec<String> {
        let home = self.home();
        recording.crash(*crash).write(&home);
        let found = self.broken(recording, crash.prefix, &home);
        // Kept where it can be looked at, until the next trial.
        let _gone = fs::remove_dir_all(self.folder.path().join("last"));
        fs::rename(&home, self.folder.path().join("last")).unwrap();
        found
    }

    fn broken(&self, recording: &Recording, prefix: usize, home: &PathBuf) -> Vec<String> {
        let before = match Journal::copied(home, self.folder.path()) {
            Ok(before) => before,
            Err(error) => {
                return vec![format!("the journal cannot be read after the crash: {error}")];
            }
        };
        let answered = &answered_in(home);
        let said: Vec<_> = recording.said_by(prefix).collect();
        self.mock.begin(asked(&said));
        let mut found = torn_in(home);
        let heard = &match finish::finish(&self.setup, home) {
            Ok(heard) => heard,
            Err(error) => return vec![error],
        };
        let after = match Journal::of(home) {
            Ok(after) => after,
            Err(error) => return vec![format!("the journal cannot be read at the end: {error}")],
        };
        let calls = self.mock.counts();
        let cast = &recording.cast;
        let token = &recording.token;
        let (said, before, after, calls) = (&said, &before, &after, &calls);
        let evidence = Case { cast, said, before, after, answered, heard, home, token, calls };
        found.extend(violations(&evidence));
        found.extend(finish::verified(&self.setup, home).err());
        found
    }

    /// Kills the recorded server after these operations, lets a second one finish on the same disk,
    /// and gives the trace of both.
    pub(crate) fn killed_and_finished(&self, recording: &Recording, prefix: usize) -> Recording {
        let (home, output) = (self.home(), self.folder.path().join("trace"));
        recording.crash(Crash { prefix, policy: Policy::KeepAll }).write(&home);
        self.mock.begin(asked(&recording.said_by(prefix).collect::<Vec<_>>()));
        let server = Server::of(&home, || traced(&self.setup.serve(&home), &output));
        finish::with(server, &home).unwrap();
        recording.then(prefix, read_trace(&output, &home))
    }

    fn home(&self) -> PathBuf {
        let home = self.folder.path().join("home");
        let _is_not_there = fs::remove_dir_all(&home);
        fs::create_dir(&home).unwrap();
        home
    }
}

/// How often each prompt was asked already.
fn asked(said: &[&Said]) -> Counts {
    let mut counts = Counts::new();
    for said in said {
        if let Said::Asked { prompt } = said {
            *counts.entry(prompt.clone()).or_default() += 1;
        }
    }
    counts
}
