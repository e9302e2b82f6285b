//! [`Attended`]: a server that is a program, with `callboard attend` beside it, which ends all of it when we go.

use super::log::{LastWords, write_down};
use super::spec::Program;
use callboard_actors::processes::{Executor, Family};
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// So long a program that nobody speaks to any more, and who attends it, may take to end; then it is ended from here.
const PATIENCE: Duration = Duration::from_secs(10);

/// A program whose pipes are closed has ended, or does within this.
const SOON: Duration = Duration::from_secs(1);

/// A program that is attended. Dropped, it ends as soon as nobody holds its pipes.
pub(super) struct Attended {
    child: Child,
    attendant: Option<Executor>,
    last: LastWords,
}

/// What it is spoken to over.
pub(super) struct Pipes {
    pub(super) input: ChildStdin,
    pub(super) output: ChildStdout,
}

impl Attended {
    /// Starts it; what it complains of goes into this file.
    pub(super) fn start(program: &Program, log: PathBuf) -> io::Result<(Self, Pipes)> {
        let mut child = Command::new("/proc/self/exe")
            .arg0("callboard")
            .arg("attend")
            .arg("--")
            .arg(&program.command)
            .args(&program.args)
            .env_clear()
            .envs(&program.variables.0)
            .current_dir(&program.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(input), Some(output), Some(complaints)) = pipes else {
            return Err(io::Error::other("it has no pipes"));
        };
        let last = LastWords::default();
        actix_rt::spawn(write_down(complaints, log, last.clone()));
        let attendant = child.id().and_then(Executor::of);
        Ok((Self { child, attendant, last }, Pipes { input, output }))
    }

    /// How it ended, in words.
    pub(super) async fn ended(&mut self) -> String {
        match self.child.wait().await {
            Ok(status) => told(status, self.last.line()),
            Err(error) => format!("nobody knows how its program ended: {error}"),
        }
    }

    /// The same, if it has ended, or does in a moment.
    pub(super) async fn ended_soon(&mut self) -> Option<String> {
        tokio::time::timeout(SOON, self.ended()).await.ok()
    }

    /// What it complained of last.
    pub(super) fn last_words(&self) -> Option<String> {
        self.last.line()
    }

    /// Waits until all of it has gone; nobody holds its pipes any more.
    pub(super) async fn leave(mut self) {
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        // Who attended it was ended by somebody else, and has not looked after the rest.
        let is_orphaned = !matches!(status, Ok(Ok(status)) if status.code().is_some());
        if let Some(attendant) = self.attendant.take().filter(|_| is_orphaned) {
            let _ended_already = self.child.start_kill();
            Family::of(attendant).end().await;
        }
    }
}

fn told(status: ExitStatus, last: Option<String>) -> String {
    let last = last.map(|last| format!(": {last}")).unwrap_or_default();
    match status.code() {
        Some(code) => format!("its program ended with {code}{last}"),
        None => format!("its program was ended ({status}){last}"),
    }
}
