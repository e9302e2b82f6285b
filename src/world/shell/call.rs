//! [`Call`]: a program that is run at a desk, from its start to its end.

use super::tail::{Listener, Tail};
use crate::world::snapshot::{Program, Seat, Way};
use callboard_actors::processes::{Charge, ChildEnd, Desk, ErrorKind, ExecuteError};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A program, ready to run.
pub(super) struct Call {
    /// Where it lies.
    pub(super) program: PathBuf,
    pub(super) args: Vec<String>,
    pub(super) cwd: Option<PathBuf>,
    /// All of it.
    pub(super) environment: BTreeMap<String, String>,
    /// Where it has to get to.
    pub(super) way: Way,
    /// What it reads.
    pub(super) stdin: Option<String>,
    /// Where it sits, if it works on a copy of its workflow's folder: that is where it works then.
    pub(super) seat: Option<Seat>,
    /// Files that its arguments name.
    pub(super) reads: Vec<PathBuf>,
}

/// How often it is looked what a program has written.
const LOOK_EVERY: Duration = Duration::from_millis(40);
/// So much of the end of its stderr is told.
const LAST_WORDS: u64 = 2_000;

impl Call {
    /// Runs it to its end. The listener hears its lines as they come.
    pub(super) async fn run(
        self,
        desk: &Desk,
        listener: &mut dyn Listener,
    ) -> Result<ChildEnd, ExecuteError> {
        let program = self.program.display().to_string();
        let not_run = |error: io::Error| passing(format!("failed to run {program}: {error}"));
        // It may have asked a model meanwhile.
        let failed = |error: io::Error| ran(not_run(error));
        let cwd = self.cwd.as_ref().filter(|_| self.seat.is_none());
        if let Some(cwd) = cwd.filter(|cwd| !cwd.is_dir()) {
            let cwd = cwd.display();
            return Err(final_(format!(
                "failed to run {program}: there is no folder {cwd} to work in"
            )));
        }
        let mut tail = Tail::from_here(desk.stdout());
        let mut command = self.command().map_err(not_run)?;
        let mut guest = desk.start(&mut command).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => {
                final_(format!("failed to start {program}: {error}: check its command"))
            }
            _ => not_run(error),
        })?;
        if let (Some(mut stdin), Some(text)) = (guest.stdin.take(), self.stdin) {
            // A program that does not read is no reason to stop listening to it.
            std::thread::spawn(move || stdin.write_all(text.as_bytes()));
        }
        let ended = guest.ended();
        tokio::pin!(ended);
        let mut more = false;
        let end = loop {
            tokio::select! {
                end = &mut ended => break end.map_err(failed)?,
                () = pause(more) => more = tail.read(listener).map_err(failed)?,
            }
        };
        while tail.read(listener).map_err(failed)? {
            tokio::task::yield_now().await;
        }
        tail.finish(listener).map_err(failed)?;
        Ok(end)
    }

    fn command(&self) -> io::Result<Command> {
        let mut command = match &self.seat {
            Some(seat) => seat.command(&self.as_program())?,
            None => self.plain(),
        };
        command.stdin(if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() });
        Ok(command)
    }

    fn plain(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.args).env_clear().envs(&self.environment);
        if let Some(cwd) = &self.cwd {
            command.current_dir(cwd);
        }
        command
    }

    fn as_program(&self) -> Program<'_> {
        Program {
            path: &self.program,
            arguments: &self.args,
            environment: &self.environment,
            way: &self.way,
            reads: &self.reads,
        }
    }
}

/// Until it is looked again what a program has written; where it is known to have written more, only until
/// everybody else had a turn: the deadline, and whoever stops it.
async fn pause(more: bool) {
    if more {
        tokio::task::yield_now().await;
    } else {
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Where a program lies that is named by a path, or looked for on the `PATH` of its environment.
pub(super) fn find(command: &str, environment: &BTreeMap<String, String>) -> Option<PathBuf> {
    if command.contains('/') {
        return Some(PathBuf::from(command)).filter(|path| is_executable(path));
    }
    let path = environment.get("PATH")?;
    std::env::split_paths(path).map(|folder| folder.join(command)).find(|path| is_executable(path))
}

fn is_executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

/// The end of what a program complained of.
pub(super) fn last_words(desk: &Desk) -> String {
    let read = || -> io::Result<Vec<u8>> {
        let mut file = File::open(desk.stderr())?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(LAST_WORDS)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    String::from_utf8_lossy(&read().unwrap_or_default()).trim().to_owned()
}

/// A failure before anything ran, which another attempt may mend.
pub(super) fn passing(error: impl Into<String>) -> ExecuteError {
    let (error, charge) = (error.into(), Charge::Nothing);
    ExecuteError { kind: ErrorKind::Passing, error, charge, retry_after_ms: None }
}

/// A failure before anything ran, which no retry can mend.
pub(super) fn final_(error: impl Into<String>) -> ExecuteError {
    ExecuteError { kind: ErrorKind::Final, ..passing(error) }
}

/// The same of a program that ran, and does not say what that has cost.
pub(super) fn ran(error: ExecuteError) -> ExecuteError {
    ExecuteError { charge: Charge::Unknown, ..error }
}
