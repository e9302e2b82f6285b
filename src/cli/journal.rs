//! `journal`: checks the journal, or rebuilds what is read from it. Both need no server.

use callboard_actors::journal::{self, Finding, Home, HomeError};

use super::Exit;
use super::args::JournalCommand;
use super::context::Context;
use super::failure::{Failure, Outcome};
use super::out::Out;

pub(super) fn run(context: &Context, command: JournalCommand, out: &mut Out) -> Outcome {
    match command {
        JournalCommand::Verify => verify(context, out),
        JournalCommand::Rebuild => rebuild(context, out),
    }
}

/// Prints what should not be so; fails if there is anything.
fn verify(context: &Context, out: &mut Out) -> Outcome {
    let home = home(context)?;
    let connection = journal::read_only(home.database()).map_err(failed)?;
    let findings = journal::verify(&home, &connection).map_err(failed)?;
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
    lines.collect::<Vec<_>>().join("\n")
}

fn rebuild(context: &Context, _out: &mut Out) -> Outcome {
    let _home = home(context)?;
    Err(Failure::new(Exit::Failed, "rebuilding is not there yet"))
}

/// The home, which has to hold a database and no server: looking must not make one, nor see half a write.
fn home(context: &Context) -> Result<Home, Failure> {
    let (home, database) = (&context.settings.home, &context.settings.database);
    if !database.is_file() {
        let text = format!("there is no database {}: name its --home", database.display());
        return Err(Failure::new(Exit::NotFound, text));
    }
    Home::open(home, Some(database.clone())).map_err(|error| match error {
        HomeError::InUse(_) => Failure::new(Exit::Refused, error),
        HomeError::Io { .. } => failed(error),
    })
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::new(Exit::Failed, error)
}
