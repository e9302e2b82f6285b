//! `journal`: checks the journal, also beside a server, or rebuilds what is read from it, where none runs.

use std::path::PathBuf;

use callboard_actors::journal::{self, Finding, Home, HomeError, Inspection, Rebuilt};
use callboard_actors::system::rebuild_tables;
use serde_json::json;

use super::Exit;
use super::args::JournalCommand;
use super::context::Context;
use super::failure::{Failure, Outcome};
use super::out::Out;
use crate::startup;

pub(super) fn run(context: &Context, command: JournalCommand, out: &mut Out) -> Outcome {
    match command {
        JournalCommand::Verify => verify(context, out),
        JournalCommand::Rebuild => rebuild(context, out),
    }
}

/// Prints what should not be so; fails if there is anything.
fn verify(context: &Context, out: &mut Out) -> Outcome {
    let database = database(context)?;
    let home = Home::look(&context.home, database.clone()).map_err(failed)?;
    let inspection = Inspection::open(&database).map_err(failed)?;
    let findings = inspection.verify(&home, &rebuild_tables()).map_err(failed)?;
    if context.is_json {
        out.json(&findings)?;
    } else {
        out.line(drawn(&findings))?;
    }
    Ok(if findings.is_empty() { Exit::Done } else { Exit::Failed })
}

fn drawn(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return "all is well".to_owned();
    }
    let lines = findings.iter().map(|Finding { check, what }| format!("BROKEN  {check}: {what}"));
    let what_to_do = "what to do: stop the server, keep a copy of the whole home, and restore a backup; where only read models \
                      are wrong, `callboard journal rebuild` makes them anew";
    lines.chain([what_to_do.to_owned()]).collect::<Vec<_>>().join("\n")
}

/// Fills every read model anew from the streams; fails if a stream cannot be folded.
fn rebuild(context: &Context, out: &mut Out) -> Outcome {
    let home = locked(context)?;
    let settings = startup::journal_settings(context.settings()?);
    let rebuilt = journal::rebuild(&home, &settings, &rebuild_tables()).map_err(failed)?;
    let Rebuilt { streams, rows, unreadable } = rebuilt;
    if context.is_json {
        let said = json!({ "streams": streams, "rows": rows, "unreadable": unreadable });
        out.json(&said)?;
    } else {
        out.line(format!("{rows} rows rebuilt from {streams} streams"))?;
        for stream in &unreadable {
            out.line(format!("BROKEN  {stream}"))?;
        }
    }
    Ok(if unreadable.is_empty() { Exit::Done } else { Exit::Failed })
}

/// The database, which has to be there: looking must not make one.
fn database(context: &Context) -> Result<PathBuf, Failure> {
    let database = &context.settings()?.database;
    if database.is_file() {
        return Ok(database.clone());
    }
    let text = format!("there is no database {}: name its --home", database.display());
    Err(Failure::new(Exit::NotFound, text))
}

/// The home, locked: where no server is at work.
fn locked(context: &Context) -> Result<Home, Failure> {
    let database = database(context)?;
    Home::open(&context.home, Some(database)).map_err(|error| match error {
        HomeError::InUse(_) => Failure::new(Exit::Refused, error),
        HomeError::Io { .. } => failed(error),
    })
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::new(Exit::Failed, error)
}
