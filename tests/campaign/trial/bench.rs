//! A place where one trial after another is made.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use super::finish;
use crate::disk::Policy;
use crate::laws::{Case, Journal, answered_in, torn_in, violations};
use crate::scenario::{End, Evening, Recording, asked, record_on};
use crate::trace::{Operation, read_trace, traced};
use crate::world::{Mock, Server, Setup, scratch};

/// A folder, an API, and how servers are set up here. Clones are the same place: one of them at a time.
#[derive(Debug, Clone)]
pub(crate) struct Bench {
    folder: Arc<TempDir>,
    mock: Mock,
    setup: Setup,
}

/// A crash of what was recorded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Crash {
    /// After how many operations.
    pub(crate) prefix: usize,
    pub(crate) policy: Policy,
    /// After how many messages more the server that finds it is killed, too; `None`: it is not.
    pub(crate) again: Option<i64>,
}

impl Crash {
    pub(crate) fn new(prefix: usize, policy: Policy) -> Self {
        Self { prefix, policy, again: None }
    }
}

impl Bench {
    pub(crate) fn new() -> Self {
        let (folder, mock) = (scratch(), Mock::start());
        let setup = Setup::new(folder.path(), mock.address);
        Self { folder: Arc::new(folder), mock, setup }
    }

    /// Plays an evening here, in a home in which these things lie before; its crashes are tried here, too.
    pub(crate) fn record(self, props: &[Operation], play: Evening) -> Recording {
        let Self { folder, mock, setup } = &self;
        let recording = record_on(props, setup, mock, folder.path(), play, End::Stopped);
        Recording { bench: Some(self), ..recording }
    }

    /// Lets the real server find what the crash left, and says which laws were broken.
    pub(crate) fn try_out(&self, recording: &Recording, crash: &Crash) -> Vec<String> {
        let home = self.home();
        recording.crash(*crash).write(&home);
        let found = self.broken(recording, crash, &home).unwrap_or_else(|error| vec![error]);
        // Kept where it can be looked at, until the next trial.
        let _gone = fs::remove_dir_all(self.folder.path().join("last"));
        fs::rename(&home, self.folder.path().join("last")).unwrap();
        found
    }

    fn broken(
        &self,
        recording: &Recording,
        crash: &Crash,
        home: &Path,
    ) -> Result<Vec<String>, String> {
        let mut left = vec![self.left(home)?];
        let said: Vec<_> = recording.said_by(crash.prefix).collect();
        self.mock.begin(asked(&said));
        let mut found = torn_in(home);
        if let Some(messages) = crash.again {
            finish::begin(&self.setup, home, messages)?;
            left.push(self.left(home)?);
        }
        let heard = &finish::finish(&self.setup, home)?;
        let after = Journal::of(home);
        let after =
            &after.map_err(|error| format!("the journal cannot be read at the end: {error}"))?;
        let (cast, calls) = (&recording.cast.with_workers(after, home), &self.mock.counts());
        let (said, token) = (said.as_slice(), recording.token.as_str());
        for Left { before, answered } in &left {
            let evidence = Case { cast, said, before, after, answered, heard, home, token, calls };
            found.extend(violations(&evidence));
        }
        found.extend(finish::verified(&self.setup, home).err());
        if recording.cast.has_tools {
            found.extend(finish::rebuilt(&self.setup, home).err());
        }
        Ok(found)
    }

    /// What a crash left.
    fn left(&self, home: &Path) -> Result<Left, String> {
        let before = Journal::copied(home, self.folder.path());
        let before = before
            .map_err(|error| format!("the journal cannot be read after the crash: {error}"))?;
        Ok(Left { before, answered: answered_in(home) })
    }

    /// Kills the recorded server after these operations, lets a second one finish on the same disk,
    /// and gives the trace of both.
    pub(crate) fn killed_and_finished(&self, recording: &Recording, prefix: usize) -> Recording {
        let (home, output) = (self.home(), self.folder.path().join("trace"));
        recording.crash(Crash::new(prefix, Policy::KeepAll)).write(&home);
        self.mock.begin(asked(&recording.said_by(prefix).collect::<Vec<_>>()));
        let server = Server::of(&home, traced(&self.setup.serve(&home), &output));
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

/// A home as a crash left it: its journal, and the attempts with a whole answer.
struct Left {
    before: Journal,
    answered: Vec<(String, u64)>,
}
