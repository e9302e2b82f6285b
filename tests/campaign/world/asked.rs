//! What a model is asked, read from a request of the Messages API, and by what calls are counted.

use std::collections::HashMap;

use callboard::world::models::{Call, Speaker, Turn};
use callboard_actors::tools::{ToolCall, ToolResult};
use serde_json::Value;

use super::replies::{Reply, reply_to};

/// A call of a model.
#[derive(Debug, Clone)]
pub(crate) struct Asked(Call);

/// By what calls are counted: the question, and how often it was told since what its calls of tools came to.
pub(crate) fn key_of(question: &str, round: usize) -> String {
    if round == 0 { question.to_owned() } else { format!("{question}\n# results {round}") }
}

impl Asked {
    /// What a request's body asks.
    pub(crate) fn read(body: &str) -> Option<Self> {
        let body: Value = serde_json::from_str(body).ok()?;
        let mut turns: Vec<Turn> = Vec::new();
        for message in body["messages"].as_array()? {
            let said = turn(message, &turns);
            turns.push(said);
        }
        Self::last_of(turns)
    }

    /// What these bytes ask, sent by a server; `None`: they begin no call.
    pub(crate) fn sent(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n")?;
        head.starts_with("POST /v1/messages").then(|| Self::read(body)).flatten()
    }

    /// What was asked for the last of these lines of a session.
    pub(crate) fn for_line(lines: &[Value]) -> Option<Self> {
        let mut turns: Vec<Turn> = lines.iter().flat_map(turns_of).collect();
        turns.pop();
        Self::last_of(turns)
    }

    /// The last of the turns is asked, the others were said before.
    fn last_of(mut turns: Vec<Turn>) -> Option<Self> {
        let Turn { text: prompt, results, .. } = turns.pop()?;
        let model = "opus".to_owned();
        Some(Self(Call { prompt, results, history: turns, model, ..Call::default() }))
    }

    pub(crate) fn question(&self) -> &str {
        self.0.question()
    }

    pub(crate) fn key(&self) -> String {
        key_of(self.question(), self.0.tool_rounds())
    }

    /// The same for the same call, whenever it is made.
    pub(crate) fn reply(&self) -> Reply {
        reply_to(&self.0)
    }
}

/// A message of a request, behind these.
fn turn(message: &Value, before: &[Turn]) -> Turn {
    let is_model = message["role"] == "assistant";
    let speaker = if is_model { Speaker::Assistant } else { Speaker::User };
    let mut turn = Turn { speaker, ..Turn::default() };
    match &message["content"] {
        Value::String(said) => turn.text.clone_from(said),
        blocks => {
            for block in blocks.as_array().into_iter().flatten() {
                take(&mut turn, block, before);
            }
        }
    }
    turn
}

fn take(turn: &mut Turn, block: &Value, before: &[Turn]) {
    match block["type"].as_str() {
        Some("tool_use") => turn.calls.push(ToolCall {
            id: text(block, "id"),
            name: text(block, "name"),
            arguments: block["input"].clone(),
        }),
        Some("tool_result") => turn.results.push(result(block, before)),
        _ => turn.text.push_str(&text(block, "text")),
    }
}

fn result(block: &Value, before: &[Turn]) -> ToolResult {
    let id = text(block, "tool_use_id");
    let names: HashMap<_, _> = before
        .iter()
        .flat_map(|turn| &turn.calls)
        .map(|call| (call.id.as_str(), call.name.as_str()))
        .collect();
    let name = names.get(id.as_str()).copied().unwrap_or_default().to_owned();
    let said = text(block, "content");
    // What was no text is told as JSON.
    let content = match serde_json::from_str(&said) {
        Ok(value @ (Value::Object(_) | Value::Array(_))) => value,
        _ => Value::String(said),
    };
    ToolResult { id, name, content, is_error: block["is_error"] == true }
}

/// What a line of a session says: what was asked, and what was answered.
fn turns_of(line: &Value) -> [Turn; 2] {
    let list = |field: &str| line.get(field).cloned().unwrap_or_else(|| Value::Array(Vec::new()));
    let results = serde_json::from_value(list("tool_results")).unwrap();
    let calls = serde_json::from_value(list("tool_calls")).unwrap();
    let asked = Turn { text: text(line, "prompt"), results, ..Turn::default() };
    let speaker = Speaker::Assistant;
    [asked, Turn { speaker, text: text(line, "content"), calls, ..Turn::default() }]
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_request_is_read_as_the_session_it_is_about() {
    use serde_json::json;

    let calls = json!([{"type": "tool_use", "id": "c", "name": "look", "input": {"at": 1}}]);
    let told = json!([{"type": "tool_result", "tool_use_id": "c", "content": "{\"seen\":2}"}]);
    let request = json!({"messages": [
        {"role": "user", "content": "Look."},
        {"role": "assistant", "content": calls},
        {"role": "user", "content": told},
    ]});
    let session = [
        json!({"prompt": "Look.", "content": "", "tool_calls": [{"id": "c", "name": "look", "arguments": {"at": 1}}]}),
        json!({"prompt": "", "content": "seen", "tool_results": [{"id": "c", "name": "look", "content": {"seen": 2}}]}),
    ];
    let [sent, kept] =
        [Asked::read(&request.to_string()), Asked::for_line(&session)].map(Option::unwrap);
    assert_eq!(sent.0, kept.0);
    assert_eq!(sent.key(), key_of("Look.", 1));
    assert_eq!(Asked::for_line(&session[..1]).unwrap().key(), "Look.");
}
