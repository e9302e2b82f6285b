//! What was accepted ends as it should, and nothing is left running.

use super::{Case, Process};
use crate::scenario::Said;

const ENDED: [&str; 3] = ["COMPLETED", "DEAD", "CANCELLED"];

pub(super) fn violations(case: &Case<'_>) -> Vec<String> {
    let lost = case.said.iter().filter_map(|said| match said {
        Said::Accepted { process } if case.after.process(process).is_none() => {
            Some(format!("process {process} was accepted, and has gone"))
        }
        _ => None,
    });
    let wrong = case.after.processes.iter().filter_map(|process| wrong_end(case, process));
    lost.chain(wrong).collect()
}

fn wrong_end(case: &Case<'_>, process: &Process) -> Option<String> {
    let Process { id, status, error, .. } = process;
    let Some(part) = case.cast.part(id) else {
        return Some(format!("process {id} came from nowhere"));
    };
    let prompt = &part.prompt;
    let mut said = case.said.iter();
    let was_ordered = said.any(|said| matches!(said, Said::Ordered { process } if process == id));
    let ends = part.fate.ends(was_ordered);
    if !ENDED.contains(&status.as_str()) {
        Some(format!("{prompt:?} says {status} with nobody at work ({error:?})"))
    } else if !ends.contains(&status.as_str()) {
        Some(format!("{prompt:?} ended {status}, not {} ({error:?})", ends.join(" or ")))
    } else {
        None
    }
}
