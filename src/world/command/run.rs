//! [`run`]: has this program, once more, hold the one that is wanted. Whoever drops the future ends it: what it holds our
//! end of is what the holder listens to.

use crate::confine::{Ended, Job};
use std::process::Stdio;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

/// Runs it; what came of it.
///
/// # Errors
/// If it cannot be begun, in words.
pub(in crate::world) async fn run(job: &Job) -> Result<Ended, String> {
    let failed = |error: &dyn std::fmt::Display| format!("failed to run {}: {error}", job.program);
    let mut line = serde_json::to_vec(job).map_err(|error| failed(&error))?;
    line.push(b'\n');
    let mut child = Command::new("/proc/self/exe")
        .arg0("callboard")
        .arg("command")
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| failed(&error))?;
    let (Some(mut stdin), Some(mut stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(failed(&"it has no pipes"));
    };
    stdin.write_all(&line).await.map_err(|error| failed(&error))?;
    let mut said = String::new();
    let read = stdout.read_to_string(&mut said).await;
    drop(stdin);
    let status = child.wait().await.map_err(|error| failed(&error))?;
    read.map_err(|error| failed(&error))?;
    serde_json::from_str(&said)
        .map_err(|_| failed(&format!("its holder ended without a word ({status})")))
}
