//! What was recorded stays recorded, and positions have no gaps.

use super::Journal;

pub(super) fn violations(before: &Journal, after: &Journal) -> Vec<String> {
    let mut found = Vec::new();
    for (index, message) in before.messages.iter().enumerate() {
        if after.messages.get(index) != Some(message) {
            found.push(format!(
                "message {} ({}) was in the journal, and is not there any more",
                message.position, message.event_type
            ));
            break;
        }
    }
    for (message, expected) in after.messages.iter().zip(1..) {
        if message.position != expected {
            found.push(format!("position {expected} is missing before {}", message.position));
            break;
        }
    }
    found
}
