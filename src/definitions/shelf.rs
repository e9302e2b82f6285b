//! [`Definitions`]: what is in force. A handle; clones share it.

use super::entry::{Entry, Origin};
use super::files::{Broken, Files};
use callboard_actors::agents::Profiles;
use callboard_actors::graph::{Abilities, Library, Pinned, Problem, bundle};
use callboard_actors::journal::{
    AsideRows, DefinitionRow, Fault, Journal, MessageKind, NewMessage,
};
use callboard_actors::system::Warnings;
use callboard_actors::vocabulary::{Hash, Timestamp};
use serde_json::json;
use serde_json::value::{RawValue, to_raw_value};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Who noticed what is wrong with definitions.
const SOURCE: &str = "definitions";

/// What is in force.
#[derive(Debug, Clone, Default)]
pub struct Definitions(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    state: RwLock<State>,
    /// One registration at a time.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    files: Files,
    registered: BTreeMap<String, Entry>,
    /// Registered ones that this program does not understand.
    unfit: BTreeMap<String, (Vec<Problem>, DefinitionRow)>,
}

/// Why a definition was not registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// It is wrong.
    #[error("the definition is wrong: {}", .0.first().map(ToString::to_string).unwrap_or_default())]
    Wrong(Vec<Problem>),
    /// None of this name is registered.
    #[error("no definition {0} is registered: one of a file is taken away by removing the file")]
    Unknown(String),
    /// The journal could not write.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Definitions {
    /// What was read from a folder, and what was registered.
    pub fn new(files: Files, rows: BTreeMap<String, DefinitionRow>) -> Self {
        let mut state = State { files, ..State::default() };
        for (name, row) in rows {
            state.take_row(&name, row);
        }
        Self(Arc::new(Inner { state: RwLock::new(state), turn: tokio::sync::Mutex::default() }))
    }

    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.0.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self) -> RwLockWriteGuard<'_, State> {
        self.0.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The folder was read again. What is broken stays as it was before.
    pub fn take_up(&self, files: Files) {
        let mut state = self.change();
        state.files = files.with_former(&state.files);
    }

    /// Tells the operator of what is broken, and no more of what is not.
    pub fn report(&self, warnings: &Warnings) {
        let told = self.state().told();
        warnings.retain(SOURCE, |about| told.contains_key(about));
        for (about, error) in &told {
            warnings.raise(SOURCE, about, error);
        }
    }

    /// The one of this name.
    pub fn find(&self, name: &str) -> Option<Entry> {
        let state = self.state();
        state.registered.get(name).or_else(|| state.files.good.get(name)).cloned()
    }

    /// What is wrong with the file of this name.
    pub fn broken(&self, name: &str) -> Option<Broken> {
        self.state().files.broken.get(name).cloned()
    }

    /// All of them, by name.
    pub fn list(&self) -> Vec<Entry> {
        self.state().in_force().into_values().cloned().collect()
    }

    /// What a definition may use.
    pub fn library(&self, profiles: &Profiles, abilities: Abilities) -> Library {
        let state = self.state();
        let definitions = state.in_force().into_iter();
        let definitions =
            definitions.map(|(name, entry)| (name.to_owned(), entry.written.clone())).collect();
        let profiles = profiles.iter().map(|(name, profile)| {
            let (runtime, model) = (profile.runtime.clone(), profile.model.clone());
            let (system, fallbacks) = (profile.system_prompt.clone(), profile.fallbacks.clone());
            (name.clone(), Pinned { system, runtime, model, fallbacks })
        });
        Library { definitions, profiles: profiles.collect(), abilities }
    }

    /// Registers a definition: checked with all it uses, durably, published, and in force when this returns.
    /// The same text again changes nothing.
    ///
    /// # Errors
    /// [`RegisterError::Wrong`] with all its problems, [`RegisterError::Fault`] if it could not be written.
    pub async fn register(
        &self,
        journal: &Journal,
        (profiles, abilities): (&Profiles, Abilities),
        name: &str,
        text: String,
    ) -> Result<Entry, RegisterError> {
        let _turn = self.0.turn.lock().await;
        let origin = Origin::Registered { updated_at: Timestamp(0), position: 0 };
        let entry = Entry::read(name, name, text, origin).map_err(RegisterError::Wrong)?;
        let former = self.state().registered.get(name).cloned();
        if let Some(former) = former.filter(|former| former.hash == entry.hash) {
            return Ok(former);
        }
        bundle(&entry.written, &self.library(profiles, abilities)).map_err(RegisterError::Wrong)?;
        let updated_at = journal.clock().now();
        let (text, hash) = (entry.text.clone(), entry.hash.to_string());
        let row = DefinitionRow { text, hash, updated_at, position: 0 };
        let position = self.write(journal, name, Some(row), Some(&entry.hash)).await?;
        let entry = Entry { origin: Origin::Registered { updated_at, position }, ..entry };
        let mut state = self.change();
        state.unfit.remove(name);
        state.registered.insert(name.to_owned(), entry.clone());
        Ok(entry)
    }

    /// It is registered no more: what the file of its name says holds again.
    ///
    /// # Errors
    /// [`RegisterError::Unknown`] if none was.
    pub async fn unregister(&self, journal: &Journal, name: &str) -> Result<(), RegisterError> {
        let _turn = self.0.turn.lock().await;
        if self.state().position(name) == 0 {
            return Err(RegisterError::Unknown(name.to_owned()));
        }
        self.write(journal, name, None, None).await?;
        let mut state = self.change();
        state.unfit.remove(name);
        state.registered.remove(name);
        Ok(())
    }

    async fn write(
        &self,
        journal: &Journal,
        name: &str,
        value: Option<DefinitionRow>,
        hash: Option<&Hash>,
    ) -> Result<i64, Fault> {
        let expected = self.state().position(name);
        let rows = AsideRows::Definition { name: name.to_owned(), expected, value };
        let message = message(journal, name, hash);
        match journal.aside(rows, vec![message]).await {
            Ok(committed) => Ok(committed.first),
            Err(fault) => {
                // It may have been written: what is there is what counts.
                if let Ok(rows) = journal.reader().definitions().await {
                    self.change().take_rows(rows);
                }
                Err(fault)
            }
        }
    }
}

impl State {
    fn take_rows(&mut self, rows: BTreeMap<String, DefinitionRow>) {
        (self.registered, self.unfit) = Default::default();
        for (name, row) in rows {
            self.take_row(&name, row);
        }
    }

    fn take_row(&mut self, name: &str, row: DefinitionRow) {
        match Entry::of_row(name, row.clone()) {
            Ok(entry) => drop(self.registered.insert(name.to_owned(), entry)),
            Err(problems) => drop(self.unfit.insert(name.to_owned(), (problems, row))),
        }
    }

    fn in_force(&self) -> BTreeMap<&str, &Entry> {
        let all = self.files.good.iter().chain(&self.registered);
        all.map(|(name, entry)| (name.as_str(), entry)).collect()
    }

    /// The revision of what is registered under this name; 0: nothing is.
    fn position(&self, name: &str) -> i64 {
        let unfit = || self.unfit.get(name).map(|(_, row)| row.position);
        self.registered.get(name).map(Entry::position).or_else(unfit).unwrap_or(0)
    }

    /// What is broken, in words, by name.
    fn told(&self) -> BTreeMap<String, String> {
        let files = self.files.broken.iter().map(|(name, broken)| {
            let is_kept = self.files.good.contains_key(name);
            let hint = if is_kept {
                "what it said before stays in force"
            } else {
                "no workflow can be started from it until it is mended"
            };
            (name.clone(), format!("{}; {hint}", broken.in_words()))
        });
        let unfit = self.unfit.iter().map(|(name, (problems, _))| {
            let why = problems.first().map(ToString::to_string).unwrap_or_default();
            (
                name.clone(),
                format!("the registered definition is left out: {why}; register it anew"),
            )
        });
        files.chain(unfit).collect()
    }
}

fn message(journal: &Journal, name: &str, hash: Option<&Hash>) -> NewMessage {
    let data = json!({ "definition": name, "hash": hash.map(Hash::as_str), "by": "api" });
    NewMessage {
        kind: MessageKind::Publication,
        message_id: None,
        topic: Some(format!("{}.system.config_change", journal.topic_root())),
        event_type: "DEFINITION_CHANGE".into(),
        error: None,
        data: to_raw_value(&data).unwrap_or_else(|_| RawValue::NULL.to_owned()),
        caused_by: None,
        correlation: None,
    }
}
