//! `get_state`: a document of the shared state, or a part of one.

use super::act::{Act, Called, name, read, safe, unreadable};
use callboard_actors::journal::Journal;
use callboard_actors::shared;
use callboard_actors::tools::{Caller, Tool, ToolError};
use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};

/// So many bytes at most: a model has to read them all.
const MOST_BYTES: usize = 200_000;

pub(super) fn tool() -> Tool {
    safe(
        "get_state",
        "Reads the JSON document that is kept under a key in the state that all agents share, or a part of it. Gives \
         found, value, and hash, which set_state can take as if_hash.",
        json!({
            "type": "object",
            "required": ["key"],
            "additionalProperties": false,
            "properties": {
                "key": { "type": "string", "description": "Which document: letters, digits, ., _ and -." },
                "pointer": { "type": "string", "description": "Which part of it, as a JSON pointer (/chapters/0/title); else the whole." },
            },
        }),
    )
}

pub(super) struct GetState(pub(super) Journal);

#[derive(Deserialize)]
struct Arguments {
    key: String,
    #[serde(default)]
    pointer: String,
}

impl Act for GetState {
    fn call(&self, arguments: Value, _: Caller) -> Called {
        let journal = self.0.clone();
        async move {
            let Arguments { key, pointer } = read(arguments)?;
            let found = shared::read(&journal, &name(&key)?).await;
            let Some((row, content)) = found.map_err(|error| unreadable(&error))? else {
                return Ok(json!({ "key": key, "found": false }));
            };
            let value: Value = serde_json::from_slice(&content)
                .map_err(|error| ToolError::new(format!("{key} holds no JSON: {error}")))?;
            let part = value.pointer(&pointer).ok_or_else(|| {
                ToolError::new(format!("{key} has nothing at {pointer:?}: read it without pointer"))
            })?;
            let bytes = part.to_string().len();
            if bytes > MOST_BYTES {
                return Err(ToolError::new(format!(
                    "this has {bytes} bytes, but at most {MOST_BYTES} can be read at once: name a part with pointer"
                )));
            }
            Ok(json!({ "key": key, "found": true, "value": part, "hash": row.hash }))
        }
        .boxed_local()
    }
}
