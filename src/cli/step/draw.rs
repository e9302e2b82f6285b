//! A step as text: the message, what it said, and what the machine was then.

use super::file::Entry;
use super::walk::Stepped;

/// The step, in a paragraph of its own.
pub(super) fn step(stepped: &Stepped) -> String {
    let Stepped { entry, state, wants, fault, .. } = stepped;
    let mut parts = vec![headline(stepped), indented(&pretty(&entry.data), 2)];
    parts.extend(entry.error.as_ref().map(|error| format!("  refused: {error}")));
    parts.extend(fault.as_ref().map(|fault| format!("  FAULT: {fault}")));
    if let Some(state) = state {
        parts.push(format!("  state after it:\n{}", indented(state, 4)));
        let wants = if wants.is_empty() { "nothing".to_owned() } else { wants.join(", ") };
        parts.push(format!("  wants: {wants}"));
    }
    parts.push(String::new());
    parts.join("\n")
}

/// `#12  event SPAWN_STARTED  2026-…  version 3, because of #11`
fn headline(Stepped { entry, version, .. }: &Stepped) -> String {
    let Entry { position, kind, event_type, created_at, causation_id, .. } = entry;
    let version = if kind == "event" { format!("  version {version}") } else { String::new() };
    let cause = causation_id.map(|cause| format!(", because of #{cause}")).unwrap_or_default();
    format!("#{position}  {kind} {event_type}  {created_at}{version}{cause}")
}

fn pretty(data: &serde_json::Value) -> String {
    format!("{data:#}")
}

fn indented(text: &str, by: usize) -> String {
    let lines = text.lines().map(|line| format!("{}{line}", " ".repeat(by)));
    lines.collect::<Vec<_>>().join("\n")
}
