//! `show`: a process with its answer and its messages; or a session, a workflow, a schedule; or an actor, by its path.

use serde_json::{Value, json};

use super::api::{Answer, Message, Messages, Process};
use super::client::Client;
use super::context::Context;
use super::failure::{Failure, Outcome};
use super::out::Out;
use super::table::{self, list};
use super::{Exit, messages, place, read, schedules, sessions, tree, workflows};

/// The most messages that are shown of one process.
const MESSAGES: &str = "1000";

pub(super) async fn run(context: &Context, id: &str, out: &mut Out) -> Outcome {
    let client = context.client().await?;
    if id.starts_with('/') {
        return tree::show_one(context, &client, id, out).await;
    }
    let found = match client.get(&place::process(id)?, &[]).await {
        Ok(process) => return show_process(context, &client, process, out).await,
        Err(failure) => Err(failure),
    };
    let found = or_else(found, async || sessions::show(context, &client, id, out).await).await;
    let found = or_else(found, async || workflows::show(context, &client, id, out).await).await;
    let found = or_else(found, async || schedules::show(context, &client, id, out).await).await;
    or_else(found, async || Err(nothing(id))).await
}

/// What was not found there is looked for elsewhere.
async fn or_else(found: Outcome, other: impl AsyncFnOnce() -> Outcome) -> Outcome {
    match found {
        Err(failure) if failure.exit == Exit::NotFound => other().await,
        found => found,
    }
}

fn nothing(id: &str) -> Failure {
    let text = format!(
        "there is no process, no session, no workflow and no schedule `{id}`: `callboard ps --all` lists processes, `callboard sessions` sessions, `callboard workflows` workflows, `callboard schedule list` schedules"
    );
    Failure::new(Exit::NotFound, text)
}

async fn show_process(
    context: &Context,
    client: &Client,
    process: Value,
    out: &mut Out,
) -> Outcome {
    let id = process["id"].as_str().unwrap_or_default().to_owned();
    let answer = response(client, &id, &process).await?;
    let query = [("stream", format!("process/{id}")), ("limit", MESSAGES.to_owned())];
    let told: Messages<Value> = client.get("/messages", &query).await?;
    if context.is_json {
        let all = json!({ "process": process, "response": answer, "messages": told.items });
        out.json(&all)?;
        return Ok(Exit::Done);
    }
    out.line(described(&process))?;
    out.line("\nmessages")?;
    for message in told.items {
        let message: Message = read(message)?;
        out.line(format!("  {}", messages::drawn(&message, messages::WIDTH)))?;
    }
    if let Some(answer) = answer {
        let answer: Answer = read(answer)?;
        let label = answer.label.as_ref().map(|label| format!(" ({label})")).unwrap_or_default();
        out.line(format!("\nanswer{label}\n{}", answer.content.trim_end()))?;
        answer.sources().try_for_each(|source| out.line(source))?;
    }
    Ok(Exit::Done)
}

/// The answer of a completed process; none where there is none, or where it has expired.
pub(super) async fn response(
    client: &Client,
    id: &str,
    process: &Value,
) -> Result<Option<Value>, Failure> {
    if process["status"] != "COMPLETED" {
        return Ok(None);
    }
    match client.get(&format!("{}/response", place::process(id)?), &[]).await {
        Ok(answer) => Ok(Some(answer)),
        Err(failure) if matches!(failure.exit, Exit::NotFound | Exit::Refused) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Every field that has a value, in the order of the answer; nested ones in words.
fn described(process: &Value) -> String {
    let fields = process.as_object().into_iter().flatten();
    let pairs = fields.filter(|(_, value)| !value.is_null());
    let pairs: Vec<(&str, String)> =
        pairs.map(|(name, value)| (name.as_str(), in_words(name, value))).collect();
    list(&pairs)
}

fn in_words(name: &str, value: &Value) -> String {
    let of_process = || read::<Process>(json!({ "id": "", "status": "", name: value })).ok();
    match (name, value) {
        (_, Value::String(text)) => text.clone(),
        ("metrics", _) => match of_process().and_then(|process| process.metrics) {
            Some(metrics) => table::cost(&metrics),
            None => value.to_string(),
        },
        ("parked", _) => match of_process().and_then(|process| process.parked) {
            Some(parked) => format!("by {}: {}", parked.by, parked.why),
            None => value.to_string(),
        },
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_described_by_what_it_has() {
        let process = json!({
            "id": "p", "status": "DEAD", "error": null, "attempt": 3,
            "metrics": { "tokens_in": 1, "tokens_out": 2, "cost_usd": null, "duration_ms": 1500 },
            "parked": { "by": "panic", "why": "it broke", "since": "2026" },
        });
        let text = described(&process);
        for line in [
            "status   DEAD",
            "attempt  3",
            "metrics  1 + 2 tokens, 1.5 s",
            "parked   by panic: it broke",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
        }
        assert!(!text.contains("error"));
    }
}
