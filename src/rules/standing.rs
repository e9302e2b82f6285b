//! [`Standing`]: what one may who stands below others: every grant on the way has to allow a call.

use super::command::{Allowed, Line};
use super::grant::Grant;
use super::reading::Rules;
use callboard_actors::tools::Permission;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// An agent with this profile.
    Agent(String),
    /// A node of a workflow of this type calls itself.
    Node(String),
}

/// Below whom it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ancestor {
    /// In a workflow of this type.
    Workflow(String),
    /// On behalf of an agent with this profile.
    Agent(String),
}

/// What one may. It begins with one's own grant, and every other that is added has to allow a call, too: it cannot be
/// made wider.
#[derive(Debug, Clone)]
pub struct Standing(Vec<Voice>);

/// A grant, and where in the rules it stands.
#[derive(Debug, Clone)]
pub(super) struct Voice {
    pub(super) rule: String,
    pub(super) grant: Arc<Grant>,
}

impl Standing {
    pub(super) fn new(voice: Voice) -> Self {
        Self(vec![voice])
    }

    /// The same, with one voice more that has to agree.
    pub(super) fn below(mut self, voice: Voice) -> Self {
        self.0.push(voice);
        self
    }

    /// Narrowed by what stands above: the only thing that can be done with one.
    #[must_use]
    pub fn narrowed(self, rules: &Rules, above: &[Ancestor]) -> Self {
        above.iter().filter_map(|ancestor| rules.voice_above(ancestor)).fold(self, Self::below)
    }

    /// Narrowed by what the house keeps: these paths are not written, nor anything below them.
    #[must_use]
    pub fn keeping(self, kept: Vec<String>) -> Self {
        let all = super::document::Said::default().grant(&[], super::merge::Silence::LeavesAsItIs);
        match all {
            Ok(all) if !kept.is_empty() => {
                self.below(Voice { rule: "house".into(), grant: Arc::new(Grant { kept, ..all }) })
            }
            _ => self,
        }
    }

    pub(super) fn voices(&self) -> &[Voice] {
        &self.0
    }

    /// The rule that lets a line be run, of every voice: all of them hold together.
    pub(super) fn lines<'a>(&'a self, line: &'a Line) -> impl Iterator<Item = &'a Allowed> {
        let lists = self.0.iter().filter_map(|voice| voice.grant.commands.as_ref());
        lists.filter_map(|list| list.iter().find(|allowed| allowed.fits(line)))
    }

    /// Whether a line may open sockets: only if every voice that names it says so.
    pub fn has_network(&self, line: &Line) -> bool {
        let mut named = self.lines(line).peekable();
        named.peek().is_some() && named.all(|allowed| allowed.network)
    }

    /// How long a line may run at most.
    pub fn timeout_s(&self, line: &Line) -> Option<u32> {
        self.lines(line).filter_map(|allowed| allowed.timeout_s).min()
    }
}

/// Which hosts somebody may ask, as every voice says: for a program that asks by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Web {
    /// Whether asking is granted at all, by all.
    pub granted: bool,
    /// The hosts that each voice has named which names any: a host has to be in all of these lists.
    pub named: Vec<Vec<String>>,
}

impl Standing {
    /// Which hosts it may ask.
    pub fn web(&self) -> Web {
        let has_none = |voice: &Voice| {
            voice.grant.hosts.as_ref().is_some_and(|hosts| hosts.written().is_empty())
        };
        let granted = self.grants(Permission::Fetch).is_ok() && !self.0.iter().any(has_none);
        let named = self.0.iter().filter(|voice| voice.grant.says_hosts);
        let named = named.filter_map(|voice| voice.grant.hosts.as_ref());
        Web { granted, named: named.map(|hosts| hosts.written().to_vec()).collect() }
    }
}

/// What of the workspace is open to somebody: for whoever comes to files where no path was named.
impl Standing {
    /// Whether this file may be seen.
    pub fn may_read(&self, path: &str) -> bool {
        self.keeps_from(path, false).is_none()
    }

    /// Whether this file may be changed.
    pub fn may_write(&self, path: &str) -> bool {
        self.keeps_from(path, true).is_none()
    }

    /// Whether one may look for files in this folder.
    pub fn may_enter(&self, path: &str) -> bool {
        self.0.iter().all(|voice| !voice.grant.deny.fit(path))
    }
}
