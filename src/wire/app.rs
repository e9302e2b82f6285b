//! [`App`]: what a request handler can reach.

use super::Token;
use crate::definitions::Definitions;
use crate::live::Live;
use crate::rules::Shelf;
use callboard_actors::graph::Abilities;
use callboard_actors::shared::Turns;
use callboard_actors::supervision::RootHandle;
use callboard_actors::system::Parts;
use callboard_actors::tools::Source;
use serde::Serialize;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, PoisonError, RwLock, Weak};
use tokio::sync::watch;

/// What a request handler can reach. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// The same for those who are held by it: it does not keep the home open.
#[derive(Clone)]
pub struct WeakApp(Weak<Inner>);

impl WeakApp {
    /// The state, while anyone else holds it.
    pub fn upgrade(&self) -> Option<App> {
        self.0.upgrade().map(App)
    }
}

struct Inner {
    parts: Parts,
    token: Token,
    definitions: Definitions,
    rules: Shelf,
    defaults: RwLock<Arc<Defaults>>,
    description: RwLock<Arc<Description>>,
    live: OnceLock<Live>,
    root: OnceLock<RootHandle>,
    closing: watch::Sender<bool>,
}

/// What a request gets that does not say otherwise. What its process gets, the tuner says: other floors ask it, too.
#[derive(Debug, Clone)]
pub struct Defaults {
    /// Where prompt templates lie.
    pub templates: PathBuf,
    /// The longest request body, in bytes.
    pub max_body_bytes: usize,
    /// The profiles that agents may have.
    pub profiles: callboard_actors::agents::Profiles,
    /// Origins, beside our own, from which browsers may connect.
    pub allowed_origins: Vec<String>,
    /// What workspaces have to be, or lie below.
    pub workspace_roots: Vec<PathBuf>,
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
    /// Which run of the program it is; `server.json` says the same.
    pub instance: String,
    /// When it started, RFC 3339.
    pub started_at: String,
    /// The home.
    pub home: PathBuf,
    /// The runtimes, by name.
    pub runtimes: Vec<String>,
    /// The runtime of a process that names none.
    pub default_runtime: String,
}

impl App {
    /// The state over these parts.
    pub fn new(
        parts: Parts,
        token: Token,
        definitions: Definitions,
        rules: Shelf,
        defaults: Defaults,
        description: Description,
    ) -> Self {
        let (root, closing) = (OnceLock::new(), watch::Sender::new(false));
        let (defaults, description) =
            (RwLock::new(Arc::new(defaults)), RwLock::new(Arc::new(description)));
        let live = OnceLock::new();
        Self(Arc::new(Inner {
            parts,
            token,
            definitions,
            rules,
            defaults,
            description,
            live,
            root,
            closing,
        }))
    }

    /// A handle for those who are held by this.
    pub fn downgrade(&self) -> WeakApp {
        WeakApp(Arc::downgrade(&self.0))
    }

    /// The journal and the directories.
    pub fn parts(&self) -> &Parts {
        &self.0.parts
    }

    /// The token.
    pub fn token(&self) -> &Token {
        &self.0.token
    }

    /// What workflows are started from.
    pub fn definitions(&self) -> &Definitions {
        &self.0.definitions
    }

    /// Who may do what.
    pub fn rules(&self) -> &Shelf {
        &self.0.rules
    }

    /// What a request gets that does not say otherwise.
    pub fn defaults(&self) -> Arc<Defaults> {
        Arc::clone(&self.0.defaults.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What `/info` says.
    pub fn description(&self) -> Arc<Description> {
        Arc::clone(&self.0.description.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Other settings are in force.
    pub fn change(&self, defaults: Defaults, description: Description) {
        *self.0.defaults.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(defaults);
        let mut former = self.0.description.write().unwrap_or_else(PoisonError::into_inner);
        *former = Arc::new(description);
    }

    /// The settings in force, where they can be changed.
    pub fn live(&self) -> Option<&Live> {
        self.0.live.get()
    }

    /// These settings are in force, and can be changed.
    pub fn govern(&self, live: Live) {
        // There is one set of settings, made once.
        let _ = self.0.live.set(live);
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

    /// Whether connections are asked to end.
    pub fn is_closing(&self) -> bool {
        *self.0.closing.borrow()
    }

    /// What nodes of workflows may call, and which runtimes can be given it.
    pub fn abilities(&self) -> Abilities {
        let tools = self.parts().tools.list().into_iter();
        let unlisted = self.parts().tools.sources().into_iter().filter(|source| !source.is_listed);
        let orders = self.parts().tuner.orders();
        let programs = orders.runtimes.iter().filter(|(_, of)| of.runs_a_program);
        Abilities {
            tools: tools.map(|tool| (tool.name, tool.parameters)).collect(),
            unlisted: unlisted.map(|source| source.name + Source::BETWEEN).collect(),
            programs: programs.map(|(name, _)| name.clone()).collect(),
        }
    }

    /// Lets requests about the same thing follow one another.
    pub fn turns(&self) -> &Turns {
        &self.0.parts.turns
    }
}
