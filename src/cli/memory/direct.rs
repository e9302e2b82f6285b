//! [`Direct`]: a memory's folder, opened by this very program.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;

use callboard_actors::vocabulary::Clock;
use callboard_memory::{Entry, Error, Filter, How, Item, Metadata, Query, Store, Stored};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::cli::Exit;
use crate::cli::args::Memory;
use crate::cli::context::Context;
use crate::cli::failure::Failure;
use crate::memories::{in_home, in_workspace};

/// How many items are read or written at a time.
const BATCH: usize = 500;

/// A memory's folder, opened.
pub(super) struct Direct(Store);

#[derive(Deserialize)]
struct Search {
    query: String,
    k: usize,
    r#type: Option<String>,
    tags: Vec<String>,
}

#[derive(Deserialize)]
struct Order {
    text: String,
    id: String,
    #[serde(default)]
    r#type: String,
    tags: Vec<String>,
}

impl Direct {
    pub(super) fn of(context: &Context, memory: &Memory) -> Result<Self, Failure> {
        let folder = match &memory.workspace {
            Some(workspace) => {
                in_workspace(workspace).map_err(|error| Failure::new(Exit::Usage, error))?
            }
            None => in_home(&context.home),
        };
        Store::open(&folder, None).map(Self).map_err(|error| failed(&error))
    }

    pub(super) fn search(mut self, order: &Value) -> Result<Value, Failure> {
        let Search { query, k, r#type, tags } = read(order)?;
        let kind = r#type.iter().map(|kind| Filter::equals("$kind", kind.as_str()));
        let tags = tags.iter().map(|tag| Filter::equals("tags", tag.as_str()));
        let query = Query::text(query).at_most(k).among(Filter::And(kind.chain(tags).collect()));
        let found = self.0.search(&query).map_err(|error| failed(&error))?;
        let hits = found.hits.iter().map(|hit| {
            let Item { id, kind, text, metadata, .. } = &hit.item;
            json!({ "id": id, "type": kind, "text": text, "metadata": metadata, "why": hit.why })
        });
        let by = if found.vectors == How::Not { "words" } else { "meaning and words" };
        Ok(json!({ "hits": hits.collect::<Vec<_>>(), "searched_by": by }))
    }

    pub(super) fn store(mut self, order: &Value) -> Result<Value, Failure> {
        let Order { text, id, r#type: kind, tags } = read(order)?;
        let mut metadata = Metadata::new();
        if !tags.is_empty() {
            metadata.insert("tags".to_owned(), json!(tags));
        }
        let created_at = Clock::system().now().0;
        let item = Item { id: id.clone(), kind, text, metadata, created_at };
        let stored = self.0.store(&item, None).map_err(|error| failed(&error))?;
        Ok(json!({ "id": id, "stored": stored }))
    }

    /// By the file's name: JSON lines, or a FAISS index.
    pub(super) fn export(mut self, file: &Path) -> Result<Value, Failure> {
        if is_lines(file) {
            return self.export_lines(file).map_err(|error| io(file, &error));
        }
        let exported = self.0.export_faiss(file).map_err(|error| failed(&error))?;
        Ok(json!({
            "items": exported.vectors, "left_out": exported.left_out, "model": exported.model, "beside": exported.items,
        }))
    }

    fn export_lines(&mut self, file: &Path) -> std::io::Result<Value> {
        let mut to = std::io::BufWriter::new(File::create(file)?);
        let (mut items, mut behind) = (0_u64, Some(0));
        while let Some(from) = behind {
            let page = self.0.list(None, from, BATCH).map_err(std::io::Error::other)?;
            for item in &page.items {
                serde_json::to_writer(&mut to, item)?;
                to.write_all(b"\n")?;
                items += 1;
            }
            behind = page.next;
        }
        to.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()?;
        Ok(json!({ "items": items }))
    }

    /// The same the other way.
    pub(super) fn import(mut self, file: &Path) -> Result<Value, Failure> {
        if !is_lines(file) {
            let imported = self.0.import_faiss(file).map_err(|error| failed(&error))?;
            return Ok(json!(imported));
        }
        let lines = BufReader::new(File::open(file).map_err(|error| io(file, &error))?).lines();
        let (mut counts, mut batch) = ([0_u64; 3], Vec::new());
        for (number, line) in lines.enumerate() {
            let line = line.map_err(|error| io(file, &error))?;
            let item: Item = serde_json::from_str(&line).map_err(|error| {
                let text = format!("{}, line {}: {error}", file.display(), number + 1);
                Failure::new(Exit::Failed, text)
            })?;
            batch.push(Entry::from(item));
            if batch.len() == BATCH {
                self.take(&mut batch, &mut counts)?;
            }
        }
        self.take(&mut batch, &mut counts)?;
        let [new, same, changed] = counts;
        Ok(json!({ "new": new, "same": same, "changed": changed }))
    }

    fn take(&mut self, batch: &mut Vec<Entry>, counts: &mut [u64; 3]) -> Result<(), Failure> {
        let stored = self.0.store_all(batch).map_err(|error| failed(&error))?;
        for one in stored {
            counts[match one {
                Stored::New => 0,
                Stored::Same => 1,
                Stored::Changed => 2,
            }] += 1;
        }
        batch.clear();
        Ok(())
    }

    pub(super) fn import_old(mut self, folder: &Path, model: &str) -> Result<Value, Failure> {
        let imported = self.0.import_old(folder, model).map_err(|error| failed(&error))?;
        Ok(json!(imported))
    }
}

fn is_lines(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "jsonl")
}

fn read<T: serde::de::DeserializeOwned>(order: &Value) -> Result<T, Failure> {
    T::deserialize(order).map_err(|error| Failure::new(Exit::Usage, error))
}

fn io(file: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Exit::Failed, format!("failed to use {}: {error}", file.display()))
}

fn failed(error: &Error) -> Failure {
    let exit = match error {
        Error::InUse(_) => Exit::TryAgain,
        Error::Foreign { .. } | Error::Query(_) | Error::Item { .. } => Exit::Usage,
        _ => Exit::Failed,
    };
    Failure::new(exit, error)
}
