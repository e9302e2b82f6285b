//! [`Servers`]: all servers of the settings in force, for whoever lists or calls their tools.

use super::kept::Place;
use super::server::{Server, State};
use super::spec::ServerSpec;
use callboard_actors::journal::Files;
use callboard_actors::tools::{Source, Tool};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::Notify;

/// So long a list of tools is waited for.
const LIST_PATIENCE: Duration = Duration::from_secs(20);

/// All servers, by name. Clones share them.
#[derive(Clone)]
pub struct Servers(Arc<Inner>);

struct Inner {
    servers: RwLock<BTreeMap<String, Arc<Server>>>,
    /// Whether they are started before anybody wants something of them.
    are_eager: bool,
    files: Files,
    /// The keeper has to look.
    look: Notify,
}

impl Servers {
    /// None yet. What they give and complain of lies in the home of these files. `are_eager`: they are started at once.
    pub fn new(files: Files, are_eager: bool) -> Self {
        let (servers, look) = (RwLock::default(), Notify::new());
        Self(Arc::new(Inner { servers, are_eager, files, look }))
    }

    /// These are the servers from now on. One that is wanted as before goes on as it is.
    pub fn replace(&self, specs: Vec<ServerSpec>) {
        {
            let mut servers = self.0.servers.write().unwrap_or_else(PoisonError::into_inner);
            let former = std::mem::take(&mut *servers);
            let kept = |spec: ServerSpec| match former.get(&spec.name) {
                Some(server) if server.spec == spec => Arc::clone(server),
                _ => Arc::new(Server::new(spec, self.0.are_eager)),
            };
            *servers = specs.into_iter().map(|spec| (spec.name.clone(), kept(spec))).collect();
        }
        self.0.look.notify_one();
    }

    pub(super) fn all(&self) -> BTreeMap<String, Arc<Server>> {
        self.0.servers.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn get(&self, name: &str) -> Option<Arc<Server>> {
        self.0.servers.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// The one that a tool of this name would be of.
    pub(super) fn of(&self, tool: &str) -> Option<Arc<Server>> {
        self.get(tool.split_once(Source::BETWEEN)?.0)
    }

    /// Somebody wants something of it: it is started, if it was not.
    pub(super) fn want(&self, server: &Server) {
        if server.want() {
            self.0.look.notify_one();
        }
    }

    /// Until the keeper has to look.
    pub(super) async fn to_be_looked_at(&self) {
        self.0.look.notified().await;
    }

    /// Where a server's program complains.
    pub(super) fn log_of(&self, name: &str) -> PathBuf {
        self.0.files.home().path(&format!("mcp/{name}.log"))
    }

    /// Where what they give is kept.
    pub(super) fn place(&self) -> Place {
        Place::new(self.0.files.clone())
    }

    /// All tools that are known.
    pub fn list(&self) -> Vec<Tool> {
        let listings = self.all().into_values().filter_map(|server| server.listing());
        let tools = listings.map(|listing| {
            listing.tools.values().map(|offered| offered.tool.clone()).collect::<Vec<_>>()
        });
        tools.flatten().collect()
    }

    /// The tool of this name.
    pub fn find(&self, name: &str) -> Option<Tool> {
        self.of(name)?.find(name).map(|offered| offered.tool)
    }

    /// Whether a tool of this name would be a server's.
    pub fn would_have(&self, tool: &str) -> bool {
        self.of(tool).is_some()
    }

    /// How they stand.
    pub fn sources(&self) -> Vec<Source> {
        self.all().values().map(|server| server.source()).collect()
    }

    /// Waits until those that would have these tools have said which they have, or that they cannot.
    pub async fn ready(&self, tools: &[String]) {
        for server in tools.iter().filter_map(|tool| self.of(tool)) {
            self.want(&server);
            let is_settled = |server: &Server| {
                let is_down = matches!(server.state(), State::Down { .. } | State::Stopped { .. });
                (server.listing().is_some() || is_down).then_some(())
            };
            let _settled_or_not = server.until(LIST_PATIENCE, is_settled).await;
        }
    }
}
