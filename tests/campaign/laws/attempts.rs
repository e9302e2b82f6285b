//! Nothing recorded is done again.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::{Case, Journal, Message};

/// How an attempt can end in the journal.
const OUTCOMES: [&str; 3] = ["SPAWN_SUCCESS", "SPAWN_FAILED", "SPAWN_CANCELLED"];
/// After these a process needs no further attempt.
const ANSWERED: [&str; 2] = ["SPAWN_SUCCESS", "SPAWN_COMPLETE"];

pub(super) fn violations(case: &Case<'_>) -> Vec<String> {
    let parts = case.cast.parts.iter();
    let processes = parts.filter(|part| case.after.process(&part.process).is_some());
    let per_process = processes.flat_map(|part| {
        let asked = case.calls.get(&part.key).copied().unwrap_or(0);
        [
            answered_twice(case.after, &part.process),
            tried_again(case.before, case.after, &part.process),
            numbers_wrong(case.after, &part.process),
            asked_too_often(case.after, &part.process, asked),
        ]
    });
    let left_lying = case.answered.iter().filter_map(|(process, attempt)| {
        let is_it = |message: &&Message| message.data["attempt"] == *attempt;
        let mut taken_up = case.after.events(process, &["SPAWN_SUCCESS"]).filter(is_it);
        let is_wanted = case.after.events(process, &["SPAWN_CANCELLING"]).next().is_none();
        (is_wanted && taken_up.next().is_none()).then(|| {
            format!("attempt {attempt} of {process} had left its answer, and was not heard")
        })
    });
    per_process.flatten().chain(left_lying).collect()
}

/// The attempts whose answer lies whole in their folder, by process and number.
pub(crate) fn answered_in(home: &Path) -> Vec<(String, u64)> {
    let mut attempts = attempts_in(home);
    attempts.retain(|(process, attempt)| {
        has_answer(&home.join(format!("processes/{process}/{attempt}")))
    });
    attempts
}

/// The attempts that have a folder, by process and number.
pub(super) fn attempts_in(home: &Path) -> Vec<(String, u64)> {
    let processes = names(&home.join("processes")).into_iter();
    let attempts = processes.flat_map(|process| {
        let attempts = names(&home.join("processes").join(&process));
        attempts.into_iter().map(move |attempt| (process.clone(), attempt.parse().unwrap()))
    });
    attempts.collect()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

fn has_answer(folder: &Path) -> bool {
    let exit = fs::read(folder.join("exit")).unwrap_or_default();
    let exit: Value = serde_json::from_slice(&exit).unwrap_or_default();
    let outcome = fs::read(folder.join("outcome")).unwrap_or_default();
    exit["how"] == "answered" && serde_json::from_slice::<Value>(&outcome).is_ok()
}

fn answered_twice(after: &Journal, process: &str) -> Option<String> {
    let mut outcomes: HashMap<u64, usize> = HashMap::new();
    for event in after.events(process, &OUTCOMES[..2]) {
        *outcomes.entry(event.data["attempt"].as_u64().unwrap_or(0)).or_default() += 1;
    }
    let twice = outcomes.iter().find(|(_, count)| **count > 1);
    twice.map(|(attempt, count)| format!("attempt {attempt} of {process} has {count} outcomes"))
}

fn tried_again(before: &Journal, after: &Journal, process: &str) -> Option<String> {
    before.events(process, &ANSWERED).next()?;
    let admitted = |journal: &Journal| journal.events(process, &["SPAWN_ADMITTED"]).count();
    let (earlier, later) = (admitted(before), admitted(after));
    (later > earlier).then(|| format!("process {process} had its answer, and was tried again"))
}

fn numbers_wrong(after: &Journal, process: &str) -> Option<String> {
    let admitted = after.events(process, &["SPAWN_ADMITTED"]);
    let numbers: Vec<_> = admitted.map(|event| event.data["attempt"].as_u64()).collect();
    let expected: Vec<_> = (1..).map(Some).take(numbers.len()).collect();
    (numbers != expected).then(|| format!("the attempts of {process} are numbered {numbers:?}"))
}

/// Each call belongs to an attempt whose end is recorded, if only as lost.
fn asked_too_often(after: &Journal, process: &str, asked: usize) -> Option<String> {
    let ended = after.events(process, &OUTCOMES).count();
    (asked > ended).then(|| {
        format!("process {process} was asked {asked} times, and {ended} outcomes are recorded")
    })
}
