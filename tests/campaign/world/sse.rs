//! An answer as the Messages API streams it: block by block, each in pieces.

use callboard_actors::tools::ToolCall;
use serde_json::{Value, json};

use super::replies::Reply;

/// All events of an answer, in their order.
pub(super) fn events(reply: &Reply) -> Vec<Value> {
    let mut events = vec![begun()];
    let text = (!reply.text.is_empty() || reply.calls.is_empty()).then(|| words(&reply.text));
    let blocks = text.into_iter().chain(reply.calls.iter().map(called));
    for (index, Block { start, deltas }) in blocks.enumerate() {
        events.push(json!({"type": "content_block_start", "index": index, "content_block": start}));
        let delta = |delta| json!({"type": "content_block_delta", "index": index, "delta": delta});
        events.extend(deltas.into_iter().map(delta));
        events.push(json!({"type": "content_block_stop", "index": index}));
    }
    let why = if reply.calls.is_empty() { "end_turn" } else { "tool_use" };
    events.push(json!({"type": "message_delta", "delta": {"stop_reason": why}, "usage": {"output_tokens": 9}}));
    events.push(json!({"type": "message_stop"}));
    events
}

/// A block of an answer.
struct Block {
    start: Value,
    deltas: Vec<Value>,
}

fn begun() -> Value {
    json!({"type": "message_start", "message": {
        "model": "mock-1", "usage": {"input_tokens": 3, "output_tokens": 1}}})
}

fn words(text: &str) -> Block {
    let pieces = text.split_at(text.floor_char_boundary(8));
    let delta = |text: &str| json!({"type": "text_delta", "text": text});
    Block {
        start: json!({"type": "text", "text": ""}),
        deltas: vec![delta(pieces.0), delta(pieces.1)],
    }
}

/// Its arguments are JSON only as a whole.
fn called(ToolCall { id, name, arguments }: &ToolCall) -> Block {
    let arguments = arguments.to_string();
    let pieces = arguments.split_at(arguments.floor_char_boundary(arguments.len() / 2));
    let delta = |json: &str| json!({"type": "input_json_delta", "partial_json": json});
    Block {
        start: json!({"type": "tool_use", "id": id, "name": name, "input": {}}),
        deltas: vec![delta(""), delta(pieces.0), delta(pieces.1)],
    }
}
