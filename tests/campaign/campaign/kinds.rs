//! Kinds of syncs: what a sync is for, told from its path and its neighbours in the trace.

use std::collections::BTreeMap;

use crate::trace::{Operation, Trace};

/// Every kind of sync in a trace, with the places where it stands.
pub(super) fn kinds(trace: &Trace) -> BTreeMap<String, Vec<usize>> {
    let mut kinds: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, operation) in trace.operations.iter().enumerate() {
        if let Operation::Sync { path, .. } = operation {
            kinds.entry(kind(trace, index, path)).or_default().push(index);
        }
    }
    kinds
}

/// The trace with the operations at these places left out.
pub(super) fn without(trace: &Trace, places: &[usize]) -> Trace {
    let mut trace = trace.clone();
    for place in places {
        // Something that changes nothing, so that all others keep their places.
        trace.operations[*place] = Operation::Sent { data: Vec::new() };
    }
    trace
}

fn kind(trace: &Trace, index: usize, path: &str) -> String {
    let (before, after) = trace.operations.split_at(index);
    if is_folder(before, path) {
        return folder_kind(before, path);
    }
    let becomes = after.iter().find_map(|operation| match operation {
        Operation::Rename { from, to } if from == path => Some(to.as_str()),
        _ => None,
    });
    format!("file {}", general(becomes.unwrap_or(path)))
}

/// An attempt's folder is synced once for each of its files, and each of those is a kind.
fn folder_kind(before: &[Operation], path: &str) -> String {
    if path.is_empty() {
        return "the home's folder".to_owned();
    }
    match general(path).as_str() {
        attempt @ "processes/{id}/{n}" => {
            let newest = before.iter().rev().find_map(|operation| named_in(operation, path));
            let (_, name) = newest.as_deref().and_then(|name| name.rsplit_once('/')).unwrap();
            format!("folder {attempt} after {name}")
        }
        folder => format!("folder {folder}"),
    }
}

fn is_folder(before: &[Operation], path: &str) -> bool {
    let makes_it = |operation: &Operation| matches!(operation, Operation::Mkdir { path: made, .. } if made == path);
    path.is_empty() || before.iter().any(makes_it)
}

/// The name that an operation gave to something in a folder.
fn named_in(operation: &Operation, folder: &str) -> Option<String> {
    let (Operation::Open { path: name, create: true, .. }
    | Operation::Mkdir { path: name, .. }
    | Operation::Symlink { path: name, .. }
    | Operation::Link { to: name, .. }
    | Operation::Rename { to: name, .. }) = operation
    else {
        return None;
    };
    let (parent, _) = name.rsplit_once('/').unwrap_or(("", name));
    (parent == folder).then(|| name.clone())
}

/// A path without what is different in each run.
fn general(path: &str) -> String {
    let parts = path.split('/').map(|part| {
        let (stem, ending) = part.split_once('.').unwrap_or((part, ""));
        let stem = match stem {
            "" => return "{temporary}".to_owned(),
            _ if stem.len() == 36 && stem.matches('-').count() == 4 => "{id}",
            _ if stem.bytes().all(|byte| byte.is_ascii_digit()) => "{n}",
            _ if ending == "jsonl" => "{session}",
            _ => stem,
        };
        if ending.is_empty() { stem.to_owned() } else { format!("{stem}.{ending}") }
    });
    parts.collect::<Vec<_>>().join("/")
}
