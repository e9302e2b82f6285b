//! `step`: walks through a journal file, message by message, with the machine's state after each.
//!
//! Machines are pure, so the file alone shows what a machine knew and wanted at any moment of its life. Nothing is
//! changed and no server is asked: the file may be a dead one's, or a copy from another machine.

mod draw;
mod file;
mod walk;

use std::io::{self, BufRead as _, IsTerminal as _};

use serde_json::json;

use super::Exit;
use super::args::Step;
use super::context::Context;
use super::failure::{Failure, Outcome};
use super::out::Out;
use super::table::{cut, table};
use file::JournalFile;
use walk::{Stepped, Walk};

/// The longest reason in the list of streams.
const WHY: usize = 60;

pub(super) fn run(context: &Context, step: &Step, out: &mut Out) -> Outcome {
    let file = match &step.db {
        Some(path) => JournalFile::open(path)?,
        None => JournalFile::open(&context.settings()?.database)?,
    };
    match &step.stream {
        Some(stream) => walk_through(context, step, &file, stream, out),
        None => list(context, &file, out),
    }
}

fn list(context: &Context, file: &JournalFile, out: &mut Out) -> Outcome {
    let streams = file.streams()?;
    if context.is_json {
        out.json(&streams)?;
        return Ok(Exit::Done);
    }
    let rows: Vec<_> = streams
        .into_iter()
        .map(|stream| {
            let parked = cut(&stream.parked.unwrap_or_default(), WHY);
            vec![stream.stream, stream.version.to_string(), stream.head.to_string(), parked]
        })
        .collect();
    out.line(table(&["STREAM", "VERSION", "NEWEST", "PARKED"], &rows))?;
    Ok(Exit::Done)
}

fn walk_through(
    context: &Context,
    step: &Step,
    file: &JournalFile,
    stream: &str,
    out: &mut Out,
) -> Outcome {
    let entries = file.entries(stream)?;
    let from = i64::try_from(step.from.unwrap_or(0)).unwrap_or(i64::MAX);
    let is_asking = !step.all && out.is_terminal() && io::stdin().is_terminal();
    let mut walk = Walk::of(stream);
    let mut has_begun = false;
    for entry in entries {
        let stepped = walk.step(entry);
        // A version is shown with the command that brought it about.
        if walk.version < from && !(has_begun || stepped.leads_to(from)) {
            continue;
        }
        if has_begun && is_asking && !wants_more(out)? {
            return Ok(Exit::Done);
        }
        has_begun = true;
        show(context, &stepped, out)?;
    }
    if has_begun { Ok(Exit::Done) } else { Err(too_far(stream, from, walk.version)) }
}

fn show(context: &Context, stepped: &Stepped, out: &mut Out) -> io::Result<()> {
    if !context.is_json {
        return out.line(draw::step(stepped));
    }
    let Stepped { entry, version, state, wants, fault } = stepped;
    out.json_line(&json!({
        "message": entry, "version": version, "state": state, "wants": wants, "fault": fault,
    }))
}

/// Whether the reader has not had enough.
fn wants_more(out: &mut Out) -> io::Result<bool> {
    out.piece("-- Enter: next, q: quit -- ")?;
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line)?;
    out.line_was_ended();
    Ok(read > 0 && !line.trim().eq_ignore_ascii_case("q"))
}

fn too_far(stream: &str, from: i64, version: i64) -> Failure {
    let text = format!("{stream} has no version {from}: its newest is {version}");
    Failure::new(Exit::NotFound, text)
}

#[cfg(test)]
mod tests;
