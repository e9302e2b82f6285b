//! Which of the two ways is taken, and what is printed.

use std::io::Read as _;

use serde_json::{Value, json};

use super::direct::Direct;
use crate::cli::Exit;
use crate::cli::args::{Memory, MemoryCommand, SearchMemory, StoreMemory};
use crate::cli::context::Context;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::out::Out;
use crate::cli::table::cut;

pub(in crate::cli) async fn run(context: &Context, memory: &Memory, out: &mut Out) -> Outcome {
    match &memory.command {
        MemoryCommand::Search(wanted) => {
            let found = ask(context, memory, "/memory/search", search(wanted)).await?;
            show_hits(context, &found, out)
        }
        MemoryCommand::Store(order) => {
            let stored = ask(context, memory, "/memory", store(order)?).await?;
            let line = |said: &Value| {
                let (id, stored) = (&said["id"], said["stored"].as_str().unwrap_or_default());
                format!("{}  {stored}", id.as_str().unwrap_or_default())
            };
            show(context, &stored, line, out)
        }
        MemoryCommand::Export { file } => {
            let exported = Direct::of(context, memory)?.export(file)?;
            show(
                context,
                &exported,
                |said| format!("{} items written to {}", said["items"], file.display()),
                out,
            )
        }
        MemoryCommand::Import { file } => {
            let imported = Direct::of(context, memory)?.import(file)?;
            show(context, &imported, counted, out)
        }
        MemoryCommand::ImportOld { folder, model } => {
            let imported = Direct::of(context, memory)?.import_old(folder, model)?;
            show(context, &imported, |said| counted(&said["imported"]), out)
        }
    }
}

/// Asks the server, or the folder itself.
async fn ask(
    context: &Context,
    memory: &Memory,
    path: &str,
    order: Value,
) -> Result<Value, Failure> {
    if memory.workspace.is_none()
        && let Some(client) = context.find_server().await?
    {
        return client.post(path, Some(&order), None).await;
    }
    let direct = Direct::of(context, memory)?;
    if path == "/memory" { direct.store(&order) } else { direct.search(&order) }
}

fn search(wanted: &SearchMemory) -> Value {
    let SearchMemory { query, k, kind, tags } = wanted;
    let mut order = json!({ "query": query, "k": k, "tags": tags });
    if let Some(kind) = kind {
        order["type"] = json!(kind);
    }
    order
}

fn store(order: &StoreMemory) -> Result<Value, Failure> {
    let StoreMemory { text, kind, tags, id } = order;
    let mut text = text.clone();
    if text == "-" {
        text.clear();
        let read = std::io::stdin().read_to_string(&mut text);
        read.map_err(|error| Failure::new(Exit::Usage, format!("failed to read stdin: {error}")))?;
    }
    let id = id.clone().unwrap_or_else(|| {
        callboard_actors::vocabulary::Hash::of(text.as_bytes()).as_str().to_owned()
    });
    let mut order = json!({ "text": text, "tags": tags, "id": id });
    if let Some(kind) = kind {
        order["type"] = json!(kind);
    }
    Ok(order)
}

fn show_hits(context: &Context, found: &Value, out: &mut Out) -> Outcome {
    if context.is_json {
        out.json(found)?;
        return Ok(Exit::Done);
    }
    let hits = found["hits"].as_array().map(Vec::as_slice).unwrap_or_default();
    for hit in hits {
        let text = |field: &str| hit[field].as_str().unwrap_or_default().to_owned();
        let words = text("text").split_whitespace().collect::<Vec<_>>().join(" ");
        out.line(format!(
            "{}  {}\n    {}\n    {}",
            text("id"),
            text("type"),
            cut(&words, 400),
            text("why")
        ))?;
    }
    if hits.is_empty() {
        out.line("nothing is remembered of that")?;
    }
    Ok(Exit::Done)
}

fn counted(said: &Value) -> String {
    format!("{} new, {} changed, {} there already", said["new"], said["changed"], said["same"])
}

fn show(
    context: &Context,
    said: &Value,
    line: impl FnOnce(&Value) -> String,
    out: &mut Out,
) -> Outcome {
    if context.is_json {
        out.json(said)?;
    } else {
        out.line(line(said))?;
    }
    Ok(Exit::Done)
}
