//! `sessions`: conversations, and what was said in one.

use serde_json::{Value, json};

use super::api::{Page, Session};
use super::args::Sessions;
use super::client::{Client, segment};
use super::context::Context;
use super::failure::Outcome;
use super::out::Out;
use super::table::{list, table};
use super::{Exit, read};

/// How many sessions are listed at most.
const LIMIT: &str = "50";

pub(super) async fn run(context: &Context, sessions: &Sessions, out: &mut Out) -> Outcome {
    let client = context.client().await?;
    match &sessions.id {
        Some(id) => show(context, &client, id, out).await,
        None => list_all(context, &client, out).await,
    }
}

async fn list_all(context: &Context, client: &Client, out: &mut Out) -> Outcome {
    let page: Page<Value> = client.get("/sessions", &[("limit", LIMIT.to_owned())]).await?;
    if context.is_json {
        out.json(&page.items)?;
        return Ok(Exit::Done);
    }
    let mut rows = Vec::new();
    for item in page.items {
        let Session { id, line_count, bytes, agent_id, last_active_at, .. } = read(item)?;
        let (agent, active) = (agent_id.unwrap_or_default(), last_active_at.unwrap_or_default());
        rows.push(vec![id, line_count.to_string(), bytes.to_string(), active, agent]);
    }
    out.line(table(&["ID", "TURNS", "BYTES", "LAST ACTIVE", "AGENT"], &rows))?;
    Ok(Exit::Done)
}

/// One session with all its turns, page by page.
pub(super) async fn show(context: &Context, client: &Client, id: &str, out: &mut Out) -> Outcome {
    let path = format!("/sessions/{}", segment(id));
    let mut answer: Value = client.get(&path, &[]).await?;
    let session = answer["session"].clone();
    let mut turns = turns_of(&mut answer);
    while let Some(next) = answer["next_line"].as_u64() {
        answer = client.get(&path, &[("after_line", next.to_string())]).await?;
        let more = turns_of(&mut answer);
        if more.is_empty() {
            break;
        }
        turns.extend(more);
    }
    if context.is_json {
        out.json(&json!({ "session": session, "turns": turns }))?;
        return Ok(Exit::Done);
    }
    let Session { id, file, line_count, .. } = read(session)?;
    out.line(list(&[("session", id), ("file", file), ("turns", line_count.to_string())]))?;
    for turn in &turns {
        out.line(drawn(turn))?;
    }
    Ok(Exit::Done)
}

fn turns_of(answer: &mut Value) -> Vec<Value> {
    match answer["turns"].take() {
        Value::Array(turns) => turns,
        _ => Vec::new(),
    }
}

/// What was asked, and what was answered.
fn drawn(turn: &Value) -> String {
    let text = |field: &str| turn[field].as_str().unwrap_or_default();
    let (prompt, content) = (text("prompt").trim_end(), text("content").trim_end());
    let asked = prompt.lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n");
    format!(
        "\n{}  {}  {}\n{asked}\n{content}",
        text("timestamp"),
        text("process_id"),
        text("model")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_quotes_what_was_asked() {
        let turn = json!({
            "process_id": "p", "model": "sonnet", "timestamp": "2026", "prompt": "one\ntwo\n", "content": "three\n",
        });
        assert_eq!(drawn(&turn), "\n2026  p  sonnet\n> one\n> two\nthree");
    }
}
