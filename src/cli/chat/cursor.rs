//! [`Cursor`]: how much of a thread was heard, so that whoever comes back misses nothing and hears nothing twice. Pure.

use std::collections::BTreeMap;

use serde_json::{Value, json};

/// How much was heard.
#[derive(Debug, Default)]
pub(super) struct Cursor {
    position: u64,
    epoch: Option<String>,
    /// The turns under way, by their processes.
    turns: BTreeMap<String, Turn>,
}

/// How much was heard of a turn's words.
#[derive(Debug)]
struct Turn {
    path: String,
    attempt: u64,
    offset: u64,
}

impl Cursor {
    /// Takes in what was heard.
    pub(super) fn take(&mut self, frame: &Value) {
        let number = |name: &str| frame[name].as_u64().unwrap_or_default();
        let text = |name: &str| frame[name].as_str().unwrap_or_default().to_owned();
        match frame["op"].as_str() {
            Some("opened") => self.epoch = Some(text("epoch")),
            Some("turn") => {
                self.turns
                    .insert(text("process"), Turn { path: text("path"), attempt: 1, offset: 0 });
            }
            Some("cost") => {
                self.turns.remove(&text("process"));
            }
            Some("run_ended") => self.turns.clear(),
            Some("token") => {
                if let Some(turn) = self.turns.get_mut(&text("process")) {
                    (turn.attempt, turn.offset) = (number("attempt"), number("next_offset"));
                }
            }
            _ => {}
        }
        self.position = self.position.max(number("position"));
    }

    /// Whether nothing was heard yet.
    pub(super) fn is_new(&self) -> bool {
        self.epoch.is_none()
    }

    /// The positions mean nothing any more.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// What is to be said to go on from here.
    pub(super) fn wish(&self, workflow: Option<&str>, thread: Option<&str>) -> Value {
        let is_back = self.position > 0;
        let streams = self.turns.iter().map(|(process, turn)| {
            let Turn { path, attempt, offset } = turn;
            json!({ "process": process, "path": path, "attempt": attempt, "offset": offset })
        });
        let mut wish = json!({
            "op": "open", "after": self.position, "streams": streams.collect::<Vec<_>>(),
            // Of what happened before anybody looked, the answers are enough.
            "tokens": if is_back { "all" } else { "live" },
        });
        let said =
            [("workflow", workflow), ("workflow_id", thread), ("epoch", self.epoch.as_deref())];
        for (name, value) in said {
            if let Some(value) = value {
                wish[name] = value.into();
            }
        }
        wish
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_on_behind_what_was_heard_and_within_the_turns_under_way() {
        let mut cursor = Cursor::default();
        assert_eq!(
            cursor.wish(Some("talk"), None),
            json!({ "op": "open", "after": 0, "streams": [], "tokens": "live", "workflow": "talk" })
        );
        for frame in [
            json!({ "op": "opened", "epoch": "e" }),
            json!({ "op": "turn", "position": 4, "process": "p", "path": "a" }),
            json!({ "op": "turn", "position": 5, "process": "q", "path": "b" }),
            json!({ "op": "token", "process": "p", "attempt": 1, "offset": 0, "next_offset": 9 }),
            json!({ "op": "token", "process": "p", "attempt": 2, "offset": 0, "next_offset": 3 }),
            json!({ "op": "cost", "position": 7, "process": "q" }),
        ] {
            cursor.take(&frame);
        }
        let turn = json!({ "process": "p", "path": "a", "attempt": 2, "offset": 3 });
        assert_eq!(
            cursor.wish(None, Some("w")),
            json!({
                "op": "open", "after": 7, "streams": [turn], "tokens": "all", "workflow_id": "w", "epoch": "e",
            })
        );
        cursor.take(&json!({ "op": "run_ended", "position": 9 }));
        assert_eq!(cursor.wish(None, None)["streams"], json!([]));
        cursor.reset();
        assert_eq!(cursor.wish(None, None)["after"], 0);
    }
}
