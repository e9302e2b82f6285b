//! [`Shim`]: how a server starts one, and lets it go when RUNNING is committed.

use super::hand::{Answer, Assignment, GO};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};

/// How long a shim may take to claim its folder: a busy disk takes its time.
const PATIENCE: Duration = Duration::from_mins(1);

/// How the shims of a runtime are started.
#[derive(Clone)]
pub struct Shim {
    /// This program.
    pub program: PathBuf,
    /// Its first argument: the command that makes it a shim.
    pub command: &'static str,
    /// All of its environment. No secrets: others can read it.
    pub environment: BTreeMap<OsString, OsString>,
    /// The runtime, for [`Assignment::runtime`].
    pub runtime: serde_json::Value,
}

impl std::fmt::Debug for Shim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shim").field("program", &self.program).finish_non_exhaustive()
    }
}

/// A shim that was started.
#[derive(Debug)]
pub(in crate::processes::attempt) struct Launched {
    child: Child,
    stdin: ChildStdin,
    pub(in crate::processes::attempt) answer: Answer,
}

impl Shim {
    /// Starts one, gives it its work and hears whether it has claimed the folder.
    pub(in crate::processes::attempt) async fn launch(
        &self,
        assignment: &Assignment,
    ) -> Result<Launched, String> {
        let launched = tokio::time::timeout(PATIENCE, self.try_launch(assignment)).await;
        launched.unwrap_or_else(|_| Err(format!("it did not begin within {PATIENCE:?}")))
    }

    async fn try_launch(&self, assignment: &Assignment) -> Result<Launched, String> {
        let mut child = self.start(assignment).map_err(|error| error.to_string())?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let (Some(mut stdin), Some(stdout)) = (stdin, stdout) else {
            return Err("it has no pipes".into());
        };
        let mut text = serde_json::to_vec(assignment).map_err(|error| error.to_string())?;
        text.push(b'\n');
        let mut line = String::new();
        let said = async {
            stdin.write_all(&text).await?;
            BufReader::new(stdout).read_line(&mut line).await
        };
        let said = said.await;
        match serde_json::from_str(&line) {
            Ok(answer) => Ok(Launched { child, stdin, answer }),
            Err(_) => Err(silent(child.wait().await, said.err())),
        }
    }

    fn start(&self, assignment: &Assignment) -> std::io::Result<Child> {
        let attempt = &assignment.work.attempt;
        Command::new(&self.program)
            .arg0("callboard")
            .arg(self.command)
            // For people who look at the list of processes.
            .arg(format!("{}/{}", attempt.process_id, attempt.number))
            .env_clear()
            .envs(&self.environment)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
    }
}

impl Launched {
    /// Lets it go. It needs nobody any more; when it ends, its remains are taken away.
    pub(in crate::processes::attempt) async fn go(mut self) -> std::io::Result<()> {
        self.stdin.write_all(format!("{GO}\n").as_bytes()).await?;
        self.stdin.flush().await?;
        drop(self.stdin);
        let mut child = self.child;
        actix_rt::spawn(async move {
            if let Err(error) = child.wait().await {
                tracing::warn!(%error, "failed to wait for a shim");
            }
        });
        Ok(())
    }
}

/// Why there was no answer.
fn silent(ended: std::io::Result<ExitStatus>, error: Option<std::io::Error>) -> String {
    let error = error.map(|error| format!(", {error}")).unwrap_or_default();
    match ended {
        Ok(status) => format!("it ended without a word ({status}{error})"),
        Err(wait) => format!("it said nothing ({wait}{error})"),
    }
}
