//! Outputs: all that programs of calls have said, where that was too long to be told. Each lies under its call, and goes
//! when its time is over; no message names it, so it can go.

use super::files::Files;
use super::home;
use crate::vocabulary::MessageId;
use std::fs;
use std::io;
use std::time::{Duration, SystemTime};

/// What a program says, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// What it says.
    Stdout,
    /// What it complains of.
    Stderr,
}

impl Stream {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }

    /// The one with this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Stdout, Self::Stderr].into_iter().find(|stream| stream.name() == name)
    }
}

impl Files {
    /// Keeps what the program of a call has said. Durable.
    ///
    /// # Errors
    /// If the disk does not take it.
    pub fn keep_output(&self, call: MessageId, stream: Stream, said: &[u8]) -> io::Result<()> {
        self.publish(&home::output(call, stream.name()), said).map(drop)
    }

    /// What the program of a call has said; `None`: nothing is kept of it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn output(&self, call: MessageId, stream: Stream) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.home().path(&home::output(call, stream.name()))) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            said => said.map(Some),
        }
    }

    /// Removes what is older than this; of how many calls.
    pub(crate) fn forget_outputs(&self, keep: Duration, now: SystemTime) -> io::Result<usize> {
        let entries = match fs::read_dir(self.home().path(home::OUTPUTS)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            entries => entries?,
        };
        let mut forgotten = 0;
        for entry in entries {
            let entry = entry?;
            let changed = entry.metadata().and_then(|metadata| metadata.modified());
            let age = changed.map(|changed| now.duration_since(changed).unwrap_or_default());
            if age.is_ok_and(|age| age >= keep) && fs::remove_dir_all(entry.path()).is_ok() {
                forgotten += 1;
            }
        }
        Ok(forgotten)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Home;

    #[test]
    fn what_a_program_said_is_kept_until_its_time_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::look(folder.path(), folder.path().join("callboard.db")).unwrap();
        let files = Files::new(home);
        let call = MessageId::derived(&["it"]);
        files.keep_output(call, Stream::Stdout, b"all of it").unwrap();
        assert_eq!(files.output(call, Stream::Stdout).unwrap().unwrap(), b"all of it");
        assert!(files.output(call, Stream::Stderr).unwrap().is_none());
        #[expect(
            clippy::disallowed_methods,
            reason = "files carry the system's time, not the clock's"
        )]
        let now = SystemTime::now();
        let day = Duration::from_hours(24);
        assert_eq!(files.forget_outputs(day, now).unwrap(), 0);
        assert_eq!(files.forget_outputs(day, now + day * 2).unwrap(), 1);
        assert!(files.output(call, Stream::Stdout).unwrap().is_none());
    }
}
