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

/// Text as it is, everything else as JSON.
fn in_words(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim_end().to_owned(),
        Value::Array(all) if !all.is_empty() && all.iter().all(Value::is_string) => {
            let lines: Vec<String> = all.iter().map(|one| format!("- {}", in_words(one))).collect();
            lines.join("\n")
        }
        other => serde_json::to_string_pretty(other).unwrap_or_default(),
    }
}

fn epitaph(workflow: &Value, status: &str) -> String {
    let id = workflow["id"].as_str().unwrap_or_default();
    let why = workflow["error"].as_str().map(|error| format!(": {error}")).unwrap_or_default();
    let hint = match status {
        "failed" => format!("; `callboard workflows retry {id}` tries again what has failed"),
        _ => String::new(),
    };
    format!("{id} is {status}{why}{hint}; `callboard why {id}` says more")
}
