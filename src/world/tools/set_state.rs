//! `set_state`: has a key of the shared state hold a document. The same content twice is once, so a repetition does no
//! harm, also where it expects what was there before.

use super::act::{Act, Called, fault, name, read, safe};
use callboard_actors::journal::Journal;
use callboard_actors::shared::{self, Turns};
use callboard_actors::tools::{Caller, Tool, ToolError};
use callboard_actors::vocabulary::{Hash, Name};
use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};

pub(super) fn tool() -> Tool {
    safe(
        "set_state",
        "Keeps a JSON document under a key in the state that all agents share, in place of what was there. With if_hash \
         only if nobody has changed it meanwhile. Gives its hash.",
        json!({
            "type": "object",
            "required": ["key", "value"],
            "additionalProperties": false,
            "properties": {
                "key": { "type": "string", "description": "Which document: letters, digits, ., _ and -." },
                "value": { "description": "The whole document: any JSON value." },
                "if_hash": {
                    "type": ["string", "null"],
                    "description": "The hash that get_state gave; null if nothing may be there yet.",
                },
            },
        }),
    )
}

pub(super) struct SetState {
    pub(super) journal: Journal,
    pub(super) turns: Turns,
}

#[derive(Deserialize)]
struct Arguments {
    key: String,
    value: Value,
    /// `None`: whatever is there; `Some(None)`: nothing may be.
    #[serde(default, deserialize_with = "given")]
    if_hash: Option<Option<String>>,
}

fn given<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(value).map(Some)
}

impl Act for SetState {
    fn call(&self, arguments: Value, _: Caller) -> Called {
        let (journal, turns) = (self.journal.clone(), self.turns.clone());
        async move {
            let Arguments { key, value, if_hash } = read(arguments)?;
            let key = name(&key)?;
            // A task of its own: whoever goes away takes nothing back half way.
            let set = actix_rt::spawn(async move {
                let _turn = turns.take(&shared::turn_of(&key)).await;
                set(&journal, &key, value.to_string().into_bytes(), if_hash).await
            });
            set.await.map_err(|error| ToolError::passing(error.to_string()))?
        }
        .boxed_local()
    }
}

async fn set(
    journal: &Journal,
    key: &Name,
    content: Vec<u8>,
    expected: Option<Option<String>>,
) -> Result<Value, ToolError> {
    let now = journal.reader().state(key.clone()).await.map_err(|error| fault(&error))?;
    let now = now.map(|row| row.hash);
    let is_there = now.as_deref() == Some(Hash::of(&content).as_str());
    if let Some(expected) = expected.filter(|expected| *expected != now && !is_there) {
        let (now, then) = (now.unwrap_or("nothing".into()), expected.unwrap_or("nothing".into()));
        return Err(ToolError::new(format!(
            "{key} holds {now}, and not {then}: somebody has changed it; read it again, and decide anew"
        )));
    }
    let row = shared::write(journal, key, content).await.map_err(|error| fault(&error))?;
    Ok(json!({ "key": key, "hash": row.hash, "bytes": row.bytes }))
}
