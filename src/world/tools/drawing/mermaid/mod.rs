//! Mermaid's text, as version 11 reads it.

mod class;
mod flowchart;
mod names;
mod sequence;
mod state;

use super::design::{Design, Kind};
use names::Names;

/// The diagram's text.
pub(super) fn text(design: &Design) -> String {
    let names = Names::of(design);
    let mut lines = Vec::new();
    if let Some(title) = design.title.as_deref().filter(|title| !title.trim().is_empty()) {
        // The head is YAML, and a JSON string is one of YAML.
        lines.extend([
            "---".to_owned(),
            format!("title: {}", serde_json::json!(title)),
            "---".to_owned(),
        ]);
    }
    lines.extend(match design.kind {
        Kind::Flowchart => flowchart::lines(design, &names),
        Kind::Class => class::lines(design, &names),
        Kind::Sequence => sequence::lines(design, &names),
        Kind::State => state::lines(design, &names),
    });
    lines.join("\n") + "\n"
}
