//! [`Knowledge`]: what the tools of this room share: where a caller's memory lies, what time it is, who embeds.

use super::embedder::{Embedder, FindEmbedder};
use crate::memories::{Memories, Memory, in_home, in_workspace};
use crate::world::tools::act::blocking;
use crate::world::tools::place::workspace_of;
use callboard_actors::tools::{Caller, Meter, ToolError};
use callboard_actors::vocabulary::{Clock, Estimate, Timestamp};
use callboard_memory::{Embedded, Embedding, Error, Pending, Pinned, Store};
use std::path::PathBuf;
use std::sync::Arc;

/// How many items that wait for a vector get one beside a call.
const CAUGHT_UP: usize = 32;

/// And how many bytes these may have together: who calls pays for them.
const CAUGHT_UP_BYTES: usize = 30_000;

/// What the tools of this room share.
#[derive(Clone)]
pub(in crate::world::tools) struct Knowledge {
    memories: Memories,
    home: PathBuf,
    clock: Clock,
    embedder: FindEmbedder,
}

/// A caller's memory.
pub(super) struct Desk {
    pub(super) memory: Arc<Memory>,
    /// `workspace` or `home`.
    pub(super) place: &'static str,
    pub(super) now: Timestamp,
    embedder: Option<Arc<dyn Embedder>>,
    /// What its vectors cost, the caller hears.
    meter: Meter,
}

/// A text's vector, or why it has none.
pub(super) struct Meaning {
    pub(super) vector: Option<Embedding>,
    pub(super) pinned: Option<Pinned>,
    pub(super) note: Option<String>,
}

impl Knowledge {
    pub(in crate::world::tools) fn new(
        memories: Memories,
        home: PathBuf,
        clock: Clock,
        embedder: FindEmbedder,
    ) -> Self {
        Self { memories, home, clock, embedder }
    }

    /// The memory of the caller's workspace, or of the home.
    pub(super) async fn desk(&self, caller: &Caller) -> Result<Desk, ToolError> {
        let (memories, home, workspace) =
            (self.memories.clone(), self.home.clone(), workspace_of(caller));
        let place = if workspace.is_some() { "workspace" } else { "home" };
        let memory = blocking(move || {
            let folder = match workspace {
                Some(workspace) => {
                    in_workspace(&workspace).map_err(|error| ToolError::new(error.to_string()))?
                }
                None => in_home(&home),
            };
            Ok(memories.of(&folder))
        });
        let (now, embedder) = (self.clock.now(), (self.embedder)());
        let meter = caller.meter.clone();
        Ok(Desk { memory: memory.await?, place, now, embedder, meter })
    }

    /// What a call may cost at most that brings so many bytes to be embedded, and whatever waits beside; `None`: nobody
    /// embeds here.
    pub(super) fn estimate(&self, bytes: usize) -> Option<Estimate> {
        let embedder = (self.embedder)()?;
        Some(embedder.estimate(bytes as u64 + CAUGHT_UP_BYTES as u64))
    }
}

impl Desk {
    /// What the embedder makes of a text.
    pub(super) async fn meaning(&self, text: &str) -> Meaning {
        let nothing = |note: &str| Meaning { vector: None, pinned: None, note: Some(note.into()) };
        let Some(embedder) = &self.embedder else {
            return nothing("by words alone: no runtime that embeds is configured");
        };
        let pinned = embedder.model();
        let made = embedder.embed(vec![text.to_owned()], self.meter.clone()).await;
        match made.and_then(|mut made| made.pop().transpose()) {
            Ok(Some(values)) => {
                let vector = Some(Embedding::new(&pinned.model, values));
                Meaning { vector, pinned: Some(pinned), note: None }
            }
            Ok(None) => nothing("by words alone: the embedder gave no vector"),
            Err(error) => nothing(&format!("by words alone: failed to embed the text: {error}")),
        }
    }

    /// Uses what is remembered.
    pub(super) async fn items<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Store) -> callboard_memory::Result<T> + Send + 'static,
    ) -> Result<T, ToolError> {
        let memory = Arc::clone(&self.memory);
        blocking(move || memory.items(work).map_err(|error| told(&error))).await
    }

    /// Uses what was learned.
    pub(super) async fn learned<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut callboard_memory::Learning) -> callboard_memory::Result<T>
        + Send
        + 'static,
    ) -> Result<T, ToolError> {
        let memory = Arc::clone(&self.memory);
        blocking(move || memory.learned(work).map_err(|error| told(&error))).await
    }

    /// Gives some items that wait for a vector one: those from before there was an embedder, or from another model's time.
    /// What fails waits for the next call.
    pub(super) async fn catch_up(&self) {
        let Some(embedder) = &self.embedder else { return };
        let waiting = self.items(|store| store.pending(CAUGHT_UP)).await;
        let Ok(Some((model, pending))) = waiting else { return };
        let pending = as_many_as_fit(pending);
        if pending.is_empty() || model != embedder.model() {
            return;
        }
        let texts = pending.iter().map(|one| cut(&one.text).to_owned()).collect();
        let caught_up = match embedder.embed(texts, self.meter.clone()).await {
            Ok(made) => {
                let results = joined(pending, made);
                self.items(move |store| store.embedded(&model.model, &results)).await.map(|_| ())
            }
            Err(error) => Err(ToolError::new(error)),
        };
        if let Err(error) = caught_up {
            tracing::warn!(%error, "failed to embed what waits in a memory: it waits on");
        }
    }
}

fn joined(pending: Vec<Pending>, made: Vec<Result<Vec<f32>, String>>) -> Vec<Embedded> {
    let results = pending.into_iter().zip(made);
    results.map(|(pending, outcome)| Embedded { pending, outcome }).collect()
}

/// The first ones, within what a call may cost for others.
fn as_many_as_fit(pending: Vec<Pending>) -> Vec<Pending> {
    let mut bytes = 0;
    let fits = |one: &Pending| {
        bytes += cut(&one.text).len();
        bytes <= CAUGHT_UP_BYTES
    };
    pending.into_iter().take_while(fits).collect()
}

/// As much of a text as one call may embed for others. A model reads no more of it at once anyway.
fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(CAUGHT_UP_BYTES)]
}

/// New vectors are made by this model from now on.
pub(super) fn pin(store: &mut Store, model: Option<&Pinned>) -> callboard_memory::Result<()> {
    match model {
        Some(model) if store.serving() != Some(model) && store.growing() != Some(model) => {
            store.pin(model)
        }
        _ => Ok(()),
    }
}

/// The vector, where the memory is searched by the model that made it.
pub(super) fn fitting(store: &Store, meaning: Meaning) -> (Option<Embedding>, Option<String>) {
    match (meaning.pinned, store.serving()) {
        (Some(model), Some(serving)) if model == *serving => (meaning.vector, meaning.note),
        (Some(_), None) => (None, Some("by words alone: nothing here has a vector yet".into())),
        (Some(model), Some(serving)) => {
            let (now, next) = (&serving.model, &model.model);
            let note =
                format!("by words alone: the memory is moving from the vectors of {now} to {next}");
            (None, Some(note))
        }
        (None, _) => (None, meaning.note),
    }
}

fn told(error: &Error) -> ToolError {
    match error {
        Error::Full(_) | Error::Unknown { .. } => ToolError::passing(error.to_string()),
        error => ToolError::new(error.to_string()),
    }
}
