//! [`App`]: what a request handler can reach.

use super::Token;
use callboard_actors::supervision::RootHandle;
use callboard_actors::system::Parts;
use callboard_actors::vocabulary::Name;
use serde::Serialize;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::sync::watch;

/// What a request handler can reach. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    parts: Parts,
    token: Token,
    defaults: Defaults,
    description: Description,
    root: OnceLock<RootHandle>,
    closing: watch::Sender<bool>,
    under_way: Mutex<HashSet<Name>>,
}

/// What a request gets that does not say otherwise.
#[derive(Debug, Clone)]
pub struct Defaults {
    /// The runtime.
    pub runtime: String,
    /// The model.
    pub model: String,
    /// How long an attempt may take, in seconds.
    pub timeout_s: u32,
    /// When and how often a failed attempt is followed by another.
    pub retry: callboard_actors::processes::RetryPolicy,
    /// Where prompt templates lie.
    pub templates: PathBuf,
    /// The longest request body, in bytes.
    pub max_body_bytes: usize,
    /// Origins, beside our own, from which browsers may connect.
    pub allowed_origins: Vec<String>,
}

/// What `/info` says.
#[derive(Debug, Clone, Serialize)]
pub struct Description {
    /// The program.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The process's number.
    pub pid: u32,
    /// When it started, RFC 3339.
    pub started_at: String,
    /// The home.
    pub home: PathBuf,
    /// The runtimes, by name.
    pub runtimes: Vec<String>,
    /// The runtime of a process that names none.
    pub default_runtime: String,
}

/// Says that a request under a client's key is under way, until it is dropped.
pub struct UnderWay<'a> {
    app: &'a App,
    name: Name,
}

impl App {
    /// The state over these parts.
    pub fn new(parts: Parts, token: Token, defaults: Defaults, description: Description) -> Self {
        let (root, closing) = (OnceLock::new(), watch::Sender::new(false));
        let under_way = Mutex::default();
        Self(Arc::new(Inner { parts, token, defaults, description, root, closing, under_way }))
    }

    /// The journal and the directories.
    pub fn parts(&self) -> &Parts {
        &self.0.parts
    }

    /// The token.
    pub fn token(&self) -> &Token {
        &self.0.token
    }

    /// What a request gets that does not say otherwise.
    pub fn defaults(&self) -> &Defaults {
        &self.0.defaults
    }

    /// What `/info` says.
    pub fn description(&self) -> &Description {
        &self.0.description
    }

    /// The tree, once it has been started.
    pub fn root(&self) -> Option<&RootHandle> {
        self.0.root.get()
    }

    /// The tree has been started.
    pub fn started(&self, root: RootHandle) {
        // There is one tree, started once.
        let _ = self.0.root.set(root);
    }

    /// Long-lived connections are asked to end.
    pub fn close(&self) {
        self.0.closing.send_replace(true);
    }

    /// Turns true when connections are asked to end.
    pub fn closing(&self) -> watch::Receiver<bool> {
        self.0.closing.subscribe()
    }

    /// Claims a name for one request; `None`: another is under way.
    pub fn begin(&self, name: &Name) -> Option<UnderWay<'_>> {
        let mut names = self.0.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        let is_free = names.insert(name.clone());
        is_free.then(|| UnderWay { app: self, name: name.clone() })
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let names = &self.app.0.under_way;
        names.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}
