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
    let messages = case.after.messages.iter();
    let conflicts = messages.filter(|message| message.event_type == "WORKSPACE_CONFLICT");
    let told =
        |data: &serde_json::Value| format!("nobody else was there, and it is a conflict: {data}");
    found.extend(conflicts.map(|message| told(&message.data)));
    found
}

fn is_taken_back(journal: &Journal) -> bool {
    journal
        .messages
        .iter()
        .any(|message| message.event_type == "WORKSPACE_CHANGED" && message.data["tool"] == "undo")
}
