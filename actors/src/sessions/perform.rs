//! [`Scribe`]: writes a session's lines.

use super::{Command, Effect, Session, WriteLine};
use crate::journal::{Files, home};
use crate::machine::{Outbox, Perform};
use crate::vocabulary::EffectKey;
use std::io;
use std::time::Duration;

/// Copies answers from their spools into the sessions' files.
#[derive(Debug, Clone)]
pub struct Scribe {
    files: Files,
}

/// How writing a line can fail.
enum Failure {
    /// The disk: it may recover, so it is tried again.
    Passing(io::Error),
    /// What is there is not what was committed: only an operator can decide.
    Damage(String),
}

impl Scribe {
    const FIRST_WAIT: Duration = Duration::from_millis(50);
    const LONGEST_WAIT: Duration = Duration::from_secs(2);

    /// A scribe for this home.
    pub fn new(files: Files) -> Self {
        Self { files }
    }

    async fn write(files: Files, line: WriteLine) -> Command {
        let mut wait = Self::FIRST_WAIT;
        loop {
            let work = line.clone();
            match files.run(move |files| Ok(write_line(files, &work))).await {
                Ok(Ok(written)) => return written,
                Ok(Err(Failure::Damage(why))) => {
                    return Command::ReportDamage { number: line.turn, why };
                }
                Ok(Err(Failure::Passing(error))) | Err(error) => {
                    let session = &line.session_id;
                    tracing::warn!(%session, %error, "failed to write a session's line: trying again");
                }
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Self::LONGEST_WAIT);
        }
    }
}

fn write_line(files: &Files, line: &WriteLine) -> Result<Command, Failure> {
    use crate::journal::ReadError;
    let content = files.read(&line.spool).map_err(|error| match error {
        ReadError::Io { source, .. } => Failure::Passing(source),
        other => Failure::Damage(other.to_string()),
    })?;
    let file = home::session_log(&line.session_id);
    let written =
        files.write_line(&file, line.offset, line.number, &content).map_err(|error| match error
            .kind()
        {
            io::ErrorKind::InvalidData => Failure::Damage(error.to_string()),
            _ => Failure::Passing(error),
        })?;
    // The link is a convenience: that it cannot be set is no reason to hold the session up.
    if let Err(error) = files.point(&home::latest_log(), &format!("{}.jsonl", line.session_id)) {
        tracing::warn!(%error, "failed to point latest.jsonl at the newest session");
    }
    let length = line.offset + content.len() as u64 + 1;
    Ok(Command::ReportLine { number: line.turn, line: written, length })
}

impl Perform<Session> for Scribe {
    fn perform(
        &self,
        _key: EffectKey,
        effect: Effect,
        _outbox: Outbox<Session>,
    ) -> impl Future<Output = Command> + 'static {
        let Effect::WriteLine(line) = effect;
        Self::write(self.files.clone(), line)
    }
}
