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
    #[serde(default)]
    if_hash: Expected,
}

/// What the key has to hold.
#[derive(Default)]
enum Expected {
    /// Whatever it holds.
    #[default]
    Anything,
    /// Nothing yet.
    Nothing,
    /// A document of this hash.
    Hash(String),
}

impl<'de> Deserialize<'de> for Expected {
    fn deserialize<D: serde::Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        let hash = Option::<String>::deserialize(value)?;
        Ok(hash.map_or(Self::Nothing, Self::Hash))
    }
}

impl Expected {
    /// What was expected, where something else is there.
    fn missed(&self, now: Option<&str>) -> Option<&str> {
        match (self, now) {
            (Self::Anything, _) | (Self::Nothing, None) => None,
            (Self::Nothing, Some(_)) => Some("nothing"),
            (Self::Hash(hash), now) => Some(hash.as_str()).filter(|_| now != Some(hash)),
        }
    }
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
    expected: Expected,
) -> Result<Value, ToolError> {
    let now = journal.reader().state(key.clone()).await.map_err(|error| fault(&error))?;
    let now = now.as_ref().map(|row| row.hash.as_str());
    let is_there = now == Some(Hash::of(&content).as_str());
    if let Some(expected) = expected.missed(now).filter(|_| !is_there) {
        let now = now.unwrap_or("nothing");
        return Err(ToolError::new(format!(
            "{key} holds {now}, and not {expected}: somebody has changed it; read it again, and decide anew"
        )));
    }
    let row = shared::write(journal, key, content).await.map_err(|error| fault(&error))?;
    Ok(json!({ "key": key, "hash": row.hash, "bytes": row.bytes }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_expected_may_be_anything_nothing_or_a_document() {
        let missed = |arguments: Value, now: Option<&str>| {
            let arguments: Arguments = read(arguments).unwrap();
            arguments.if_hash.missed(now).map(str::to_owned)
        };
        let any = json!({ "key": "k", "value": 1 });
        let none = json!({ "key": "k", "value": 1, "if_hash": null });
        let some = json!({ "key": "k", "value": 1, "if_hash": "ab" });
        assert_eq!((missed(any.clone(), None), missed(any, Some("x"))), (None, None));
        assert_eq!(missed(none.clone(), None), None);
        assert_eq!(missed(none, Some("x")), Some("nothing".into()));
        assert_eq!(missed(some.clone(), Some("ab")), None);
        assert_eq!(missed(some.clone(), Some("x")), Some("ab".into()));
        assert_eq!(missed(some, None), Some("ab".into()));
    }
}
