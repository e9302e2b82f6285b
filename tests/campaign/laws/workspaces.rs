//! A workspace holds the same files, bit for bit, as without a crash; and taken back it is as it was before.

use super::{Case, Journal};
use crate::scenario::Said;

pub(super) fn violations(case: &Case<'_>) -> Vec<String> {
    let mut found = Vec::new();
    if case.said.contains(&&Said::TakenBack) && !is_taken_back(case.before) {
        found.push("it was said to be taken back, and the journal knows nothing of it".to_owned());
    }
    if let (Some(workshop), Some(kept)) = (&case.cast.workshop, &case.heard.kept) {
        found.extend(workshop.differences(kept));
    }
    found.extend(case.after.messages.iter().filter_map(|message| {
        (message.event_type == "WORKSPACE_CONFLICT")
            .then(|| format!("nobody else was there, and it is a conflict: {}", message.data))
    }));
    found
}

fn is_taken_back(journal: &Journal) -> bool {
    journal
        .messages
        .iter()
        .any(|message| message.event_type == "WORKSPACE_CHANGED" && message.data["tool"] == "undo")
}
