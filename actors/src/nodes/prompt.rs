//! What the model is told: the work, how its answer has to look, and what was wrong with the last one.
//!
//! Each is made from the order and the events alone: a turn that is begun again asks the same.

use super::effect::Ask;
use crate::graph::Agent;
use serde_json::Value;

/// The prompt of a turn.
pub(super) fn of(ask: &Ask, agent: &Agent) -> String {
    match ask {
        Ask::Work => first(agent),
        Ask::Mend { violations } => mend(violations),
        // They are all that is said.
        Ask::Results(_) => String::new(),
    }
}

/// The prompt of the first turn.
fn first(agent: &Agent) -> String {
    match &agent.output {
        None => agent.prompt.clone(),
        Some(schema) => format!("{}\n\n{}", agent.prompt.trim_end(), form(schema)),
    }
}

/// The prompt of a turn that mends the answer before it.
fn mend(violations: &str) -> String {
    format!(
        "Your last answer is not what it has to be:\n\n{violations}\n\nAnswer again: with the whole JSON value, \
         mended, and nothing else."
    )
}

/// How an answer has to look.
fn form(schema: &Value) -> String {
    format!(
        "Answer with one JSON value and nothing else. It has to fit this JSON Schema:\n\n```json\n{schema:#}\n```"
    )
}

/// What a message holds of a longer text, cut between characters.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{} …", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn who_has_to_answer_in_a_form_is_shown_it() {
        let agent = Agent { prompt: "Judge.\n".into(), ..Agent::default() };
        assert_eq!(first(&agent), "Judge.\n", "without a form the prompt is what it is");
        let agent = Agent { output: Some(json!({ "type": "object" })), ..agent };
        let prompt = first(&agent);
        assert!(prompt.starts_with("Judge.\n\nAnswer with one JSON value"), "{prompt}");
        assert!(prompt.contains("\"type\": \"object\""), "{prompt}");
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(cut("äöü", 2), "äö …");
        assert_eq!(cut("äöü", 3), "äöü");
    }
}
