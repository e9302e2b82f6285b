//! [`Warnings`]: what an operator should look at though everything works. Each is told once, on the log and on
//! `system.error`, and stands in `/health` until it is settled.

use crate::journal::{Journal, MessageKind, NewMessage};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What stands open, by a name that says what it is about. Clones share it.
#[derive(Debug, Clone)]
pub struct Warnings {
    journal: Journal,
    open: Arc<Mutex<BTreeMap<String, Warning>>>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Who noticed.
    pub source: String,
    /// What it is about.
    pub about: String,
    /// What was found, and what to do.
    pub error: String,
}

impl Warnings {
    pub(super) fn new(journal: Journal) -> Self {
        Self { journal, open: Arc::default() }
    }

    fn open(&self) -> MutexGuard<'_, BTreeMap<String, Warning>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes it, and tells of it unless the same stands open already. True if it was told.
    pub fn raise(&self, source: &str, about: &str, error: &str) -> bool {
        let warning = Warning { source: source.into(), about: about.into(), error: error.into() };
        let former = self.open().insert(name(source, about), warning.clone());
        if former.as_ref() == Some(&warning) {
            return false;
        }
        tracing::warn!(source, about, "{error}");
        self.journal.note(NewMessage {
            kind: MessageKind::Publication,
            message_id: None,
            topic: Some(format!("{}.system.error", self.journal.topic_root())),
            event_type: "SYSTEM_ERROR".into(),
            error: None,
            data: to_raw_value(&warning).unwrap_or_else(|_| RawValue::NULL.to_owned()),
            caused_by: None,
            correlation: None,
        });
        true
    }

    /// It is as it should be again.
    pub fn settle(&self, source: &str, about: &str) {
        if self.open().remove(&name(source, about)).is_some() {
            tracing::info!(source, about, "it is as it should be again");
        }
    }

    /// Of what this source noticed, only what `is_open` holds for stays.
    pub fn retain(&self, source: &str, is_open: impl Fn(&str) -> bool) {
        let gone: Vec<String> = self
            .open()
            .values()
            .filter(|warning| warning.source == source && !is_open(&warning.about))
            .map(|warning| warning.about.clone())
            .collect();
        for about in gone {
            self.settle(source, &about);
        }
    }

    /// What stands open.
    pub fn list(&self) -> Vec<Warning> {
        self.open().values().cloned().collect()
    }
}

fn name(source: &str, about: &str) -> String {
    format!("{source} {about}")
}
