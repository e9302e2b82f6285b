//! One line a turn, and the committed length is the file's.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::Case;
use super::journal::Session;
use crate::world::Asked;

pub(super) fn violations(case: &Case<'_>) -> Vec<String> {
    let after = case.after;
    let mut found = Vec::new();
    let mut lines: HashMap<String, usize> = HashMap::new();
    for session in &after.sessions {
        match read(session, case.home) {
            Ok(turns) => {
                let each = 0..turns.len();
                found.extend(each.filter_map(|at| wrong_turn(case, session, &turns[..=at])));
                for turn in &turns {
                    *lines.entry(process_of(turn)).or_default() += 1;
                }
            }
            Err(error) => found.push(error),
        }
    }
    for process in &after.processes {
        let expected = usize::from(process.status == "COMPLETED");
        let count = lines.get(&process.id).copied().unwrap_or(0);
        if count != expected {
            let status = &process.status;
            found.push(format!("process {} is {status} and has {count} lines", process.id));
        }
    }
    found
}

fn read(session: &Session, home: &Path) -> Result<Vec<Value>, String> {
    let Session { id, file, lines, bytes } = session;
    if *lines == 0 {
        return Ok(Vec::new()); // its first turn is still to come
    }
    let text = fs::read_to_string(home.join(file)).map_err(|error| format!("{file}: {error}"))?;
    if text.len() != *bytes || !text.ends_with('\n') || text.lines().count() != *lines {
        let (found, count) = (text.len(), text.lines().count());
        return Err(format!(
            "session {id}: {lines} lines in {bytes} bytes were committed, {count} in {found} found"
        ));
    }
    text.lines()
        .map(|line| serde_json::from_str(line).map_err(|error| format!("{file}: {error}")))
        .collect()
}

/// The last of these lines belongs to another session or to nobody, or says something else than was said.
fn wrong_turn(case: &Case<'_>, session: &Session, lines: &[Value]) -> Option<String> {
    let turn = lines.last()?;
    let id = process_of(turn);
    let process = case.after.process(&id).filter(|process| process.session == session.id);
    let (Some(part), Some(process)) = (case.cast.part(&id), process) else {
        return Some(format!("session {} has a stranger's line: {turn}", session.id));
    };
    let is_right = turn["prompt"] == part.prompt.as_str()
        && part.answer.as_ref().is_none_or(|answer| turn["content"] == answer.as_str())
        && (!process.has_workflow || is_what_was_said(lines));
    (!is_right).then(|| format!("session {} has a wrong line: {turn}", session.id))
}

/// Whether the last line has the answer to what the lines ask, calls of tools included.
fn is_what_was_said(lines: &[Value]) -> bool {
    let (Some(line), Some(asked)) = (lines.last(), Asked::for_line(lines)) else { return false };
    let reply = asked.reply();
    let none = Value::Array(Vec::new());
    let calls = serde_json::to_value(&reply.calls).unwrap();
    line["content"] == reply.text.as_str() && *line.get("tool_calls").unwrap_or(&none) == calls
}

fn process_of(turn: &Value) -> String {
    turn["process_id"].as_str().unwrap_or_default().to_owned()
}
