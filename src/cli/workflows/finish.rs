//! The end of a `run`: what it answers; or why it has failed, and what can be done.

use serde_json::Value;

use super::show::cost;
use crate::cli::Exit;
use crate::cli::context::Context;
use crate::cli::failure::Outcome;
use crate::cli::out::{Out, remark};

pub(super) fn finish(context: &Context, workflow: &Value, out: &mut Out) -> Outcome {
    let status = workflow["status"].as_str().unwrap_or_default();
    let exit = if status == "completed" { Exit::Done } else { Exit::Failed };
    if context.is_json {
        out.json(workflow)?;
        return Ok(exit);
    }
    out.line(format!("{status}: {}", cost(&workflow["metrics"])))?;
    for (name, value) in workflow["output"].as_object().into_iter().flatten() {
        out.line(format!("\n{name}\n{}", in_words(value)))?;
    }
    if exit != Exit::Done {
        remark(epitaph(workflow, status));
    }
    Ok(exit)
}

/// Text as it is, messages with a line of who and what above, everything else as JSON.
pub(in crate::cli) fn in_words(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim_end().to_owned(),
        Value::Array(all) if !all.is_empty() && all.iter().all(Value::is_string) => {
            let lines: Vec<String> = all.iter().map(|one| format!("- {}", in_words(one))).collect();
            lines.join("\n")
        }
        Value::Array(all) if !all.is_empty() && all.iter().all(is_message) => {
            all.iter().map(message).collect::<Vec<_>>().join("\n\n")
        }
        other => serde_json::to_string_pretty(other).unwrap_or_default(),
    }
}

/// What workflows keep in channels of messages.
fn is_message(value: &Value) -> bool {
    value["content"].is_string()
}

/// Who says it, what else is known of it, and what it says.
fn message(message: &Value) -> String {
    const TOLD: [&str; 6] = ["name", "title", "content", "id", "role", "run"];
    let text = |name: &str| message[name].as_str();
    let who = text("name").or_else(|| text("title")).or_else(|| text("role")).unwrap_or_default();
    let members = message.as_object().into_iter().flatten();
    let more = members.filter(|(name, _)| !TOLD.contains(&name.as_str()));
    let more = more.filter_map(|(name, value)| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(format!("{name} {number}")),
        _ => None,
    });
    let line = std::iter::once(who.to_owned()).chain(more).collect::<Vec<_>>().join(", ");
    format!("— {line}\n\n{}", text("content").unwrap_or_default().trim())
}

fn epitaph(workflow: &Value, status: &str) -> String {
    let id = workflow["id"].as_str().unwrap_or_default();
    let why = workflow["error"].as_str().map(|error| format!(": {error}")).unwrap_or_default();
    let hint = match status {
        "failed" => format!("; `callboard workflows retry {id}` tries again"),
        _ => String::new(),
    };
    format!("{id} is {status}{why}{hint}; `callboard why {id}` says more")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn messages_are_read_and_not_parsed() {
        let said = json!([
            { "id": "1", "run": 1, "role": "assistant", "name": "Ada", "phase": "closing", "content": "So.\n" },
            { "role": "user", "attempt": 2, "done": true, "content": "And?" },
        ]);
        assert_eq!(in_words(&said), "— Ada, closing\n\nSo.\n\n— user, attempt 2\n\nAnd?");
    }

    #[test]
    fn text_is_text_and_what_has_a_form_keeps_it() {
        assert_eq!(in_words(&json!("a\n")), "a");
        assert_eq!(in_words(&json!(["a", "b"])), "- a\n- b");
        assert_eq!(in_words(&json!([{ "content": 1 }])), "[\n  {\n    \"content\": 1\n  }\n]");
    }
}
