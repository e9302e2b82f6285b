//! `memory_store`: remembers a text. Under the call's id, where no other is given: a repetition changes nothing.

use super::Knowledge;
use super::knowledge::pin;
use crate::world::tools::act::{Act, Called, read, safe};
use callboard_actors::tools::{Caller, Tool, ToolError};
use callboard_actors::vocabulary::Estimate;
use callboard_memory::{Item, Metadata};
use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};

pub(in crate::world::tools) fn tool() -> Tool {
    safe(
        "memory_store",
        "Remembers a text for later, for all agents of this workspace: a finding, a design, a decision, a review. It is \
         found again with memory_search. Give what filters should know as type, tags and metadata.",
        json!({
            "type": "object",
            "required": ["text"],
            "additionalProperties": false,
            "properties": {
                "text": { "type": "string", "minLength": 1, "maxLength": 1_000_000, "description": "What is to be remembered." },
                "type": { "type": "string", "description": "What sort of thing it is, such as research, design, code, review." },
                "tags": { "type": "array", "maxItems": 50, "items": { "type": "string" } },
                "metadata": { "type": "object", "description": "What else is known about it; searches can filter by it." },
                "id": { "type": "string", "description": "Its name; another text under the same name takes its place. Else a new one." },
            },
        }),
    )
}

pub(in crate::world::tools) struct MemoryStore(pub(in crate::world::tools) Knowledge);

#[derive(Deserialize)]
struct Arguments {
    text: String,
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    metadata: Metadata,
    id: Option<String>,
}

impl Arguments {
    fn item(self, caller: &Caller, now: i64) -> Item {
        let Self { text, r#type: kind, tags, mut metadata, id } = self;
        let mut put = |name: &str, value: Value| metadata.insert(name.to_owned(), value);
        if let Some(profile) = &caller.profile {
            put("agent", json!(profile));
        }
        put("workflow", json!(caller.workflow_id));
        put("step", json!(caller.path));
        if !tags.is_empty() {
            put("tags", json!(tags));
        }
        let id = id.unwrap_or_else(|| caller.id.to_string());
        Item { id, kind, text, metadata, created_at: now }
    }
}

impl Act for MemoryStore {
    fn estimate(&self, arguments: &Value) -> Option<Estimate> {
        self.0.estimate(arguments["text"].as_str().map_or(0, str::len))
    }

    fn call(&self, arguments: Value, caller: Caller) -> Called {
        let knowledge = self.0.clone();
        async move { store(&knowledge, read(arguments)?, &caller).await }.boxed_local()
    }
}

async fn store(
    knowledge: &Knowledge,
    arguments: Arguments,
    caller: &Caller,
) -> Result<Value, ToolError> {
    let desk = knowledge.desk(caller).await?;
    let meaning = desk.meaning(&arguments.text).await;
    let (note, is_embedded) = (meaning.note.clone(), meaning.vector.is_some());
    let item = arguments.item(caller, desk.now.0);
    let id = item.id.clone();
    let stored = desk.items(move |store| {
        pin(store, meaning.pinned.as_ref())?;
        store.store(&item, meaning.vector.as_ref())
    });
    let stored = stored.await?;
    desk.catch_up().await;
    let found_by = if is_embedded { "meaning and words" } else { "words" };
    Ok(
        json!({ "id": id, "stored": stored, "where": desk.place, "found_by": found_by, "note": note }),
    )
}
