//! `memory_search`: what is remembered, by meaning and by words, among what meets the filters.

use super::Knowledge;
use super::knowledge::fitting;
use crate::world::tools::act::{Act, Called, read, safe};
use crate::world::tools::bounded::cut;
use callboard_actors::tools::{Caller, Tool, ToolError};
use callboard_actors::vocabulary::{Estimate, Timestamp};
use callboard_memory::{Filter, Found, Hit, How, Metadata, Mode, Query};
use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};

/// So many characters of a text at most: a model has to read them all.
const MOST_CHARACTERS: usize = 4_000;

pub(in crate::world::tools) fn tool() -> Tool {
    safe(
        "memory_search",
        "Finds what was remembered with memory_store, the best first: by meaning and by words. Filters are applied before \
         the best are picked. Gives hits, each with id, text, type, metadata and why it was found.",
        json!({
            "type": "object",
            "required": ["query"],
            "additionalProperties": false,
            "properties": {
                "query": { "type": "string", "minLength": 1, "description": "What is looked for, in words." },
                "k": { "type": "integer", "minimum": 1, "maximum": 50, "default": 5, "description": "How many at most." },
                "type": { "type": "string", "description": "Only of this type." },
                "tags": { "type": "array", "items": { "type": "string" }, "description": "Only what has all of these tags." },
                "agent": { "type": "string", "description": "Only what agents with this profile stored." },
                "filter": { "type": "object", "description": "Only what has these values in its metadata; a list stands for any of its elements." },
                "mode": { "type": "string", "enum": ["auto", "vector", "keywords", "hybrid"], "default": "auto" },
            },
        }),
    )
}

pub(in crate::world::tools) struct MemorySearch(pub(in crate::world::tools) Knowledge);

#[derive(Deserialize)]
struct Arguments {
    query: String,
    #[serde(default = "five")]
    k: usize,
    r#type: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    agent: Option<String>,
    #[serde(default)]
    filter: Metadata,
    #[serde(default)]
    mode: Mode,
}

fn five() -> usize {
    5
}

impl Arguments {
    fn filter(&self) -> callboard_memory::Result<Filter> {
        let plain = [("$kind", &self.r#type), ("agent", &self.agent)];
        let plain = plain
            .into_iter()
            .filter_map(|(field, value)| Some(Filter::equals(field, value.as_deref()?)));
        let tags = self.tags.iter().map(|tag| Filter::equals("tags", tag.as_str()));
        let rest = Filter::matching(&self.filter)?;
        Ok(Filter::And(plain.chain(tags).chain([rest]).collect()))
    }
}

impl Act for MemorySearch {
    fn estimate(&self, arguments: &Value) -> Option<Estimate> {
        self.0.estimate(arguments["query"].as_str().map_or(0, str::len))
    }

    fn call(&self, arguments: Value, caller: Caller) -> Called {
        let knowledge = self.0.clone();
        async move { search(&knowledge, read(arguments)?, &caller).await }.boxed_local()
    }
}

async fn search(
    knowledge: &Knowledge,
    arguments: Arguments,
    caller: &Caller,
) -> Result<Value, ToolError> {
    let desk = knowledge.desk(caller).await?;
    desk.catch_up().await;
    let filter = arguments.filter().map_err(|error| ToolError::new(error.to_string()))?;
    let meaning = match arguments.mode {
        Mode::Keywords => None,
        _ => Some(desk.meaning(&arguments.query).await),
    };
    let mut query =
        Query::text(arguments.query).among(filter).at_most(arguments.k).by(arguments.mode);
    let (found, note) = desk
        .items(move |store| {
            let (vector, note) = meaning.map_or((None, None), |meaning| fitting(store, meaning));
            query.vector = vector;
            Ok((store.search(&query)?, note))
        })
        .await?;
    Ok(answer(&found, note.as_deref(), desk.place))
}

fn answer(found: &Found, note: Option<&str>, place: &str) -> Value {
    let hits: Vec<Value> = found.hits.iter().map(shown).collect();
    let by = if found.vectors == How::Not { "words" } else { "meaning and words" };
    json!({ "hits": hits, "searched_by": by, "where": place, "note": note })
}

fn shown(hit: &Hit) -> Value {
    let (text, is_cut) = cut(&hit.item.text, MOST_CHARACTERS);
    let mut shown = json!({
        "id": hit.item.id,
        "type": hit.item.kind,
        "text": text,
        "metadata": hit.item.metadata,
        "created_at": Timestamp(hit.item.created_at).rfc3339(),
        "why": hit.why,
    });
    if let Some(similarity) = hit.similarity {
        shown["similarity"] = json!(similarity);
    }
    if is_cut {
        shown["cut"] = json!(true);
    }
    shown
}
