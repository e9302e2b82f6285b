//! [`Kind`]: the kinds of entities, in the order in which an id is looked for among them. A new kind is a
//! variant here, a module that explains it, and a line for that in `entities.rs`.

use callboard_actors::agents::Agent;
use callboard_actors::machine::Machine;
use callboard_actors::nodes::Node;
use callboard_actors::processes::Process;
use callboard_actors::schedules::Schedule;
use callboard_actors::sessions::Session;
use callboard_actors::workflows::Workflow;
use callboard_actors::workspaces::Workspace;

/// A kind of entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Process,
    Session,
    Agent,
    Workflow,
    Node,
    Schedule,
    Workspace,
}

impl Kind {
    /// All of them, in the order in which an id is looked for.
    pub(super) const ALL: [Self; 7] = [
        Self::Process,
        Self::Session,
        Self::Agent,
        Self::Workflow,
        Self::Node,
        Self::Schedule,
        Self::Workspace,
    ];

    /// Its word: what its streams begin with.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Process => Process::KIND,
            Self::Session => Session::KIND,
            Self::Agent => Agent::KIND,
            Self::Workflow => Workflow::KIND,
            Self::Node => Node::KIND,
            Self::Schedule => Schedule::KIND,
            Self::Workspace => Workspace::KIND,
        }
    }

    /// `a process`
    pub(super) fn with_article(self) -> String {
        let article = if self == Self::Agent { "an" } else { "a" };
        format!("{article} {}", self.word())
    }

    /// Where its entities are in the tree.
    pub(super) fn folder(self) -> &'static str {
        match self {
            Self::Process => "/processes",
            Self::Session => "/sessions",
            Self::Agent => "/agents",
            Self::Workflow => "/workflows",
            Self::Node => "/nodes",
            Self::Schedule => "/schedules",
            Self::Workspace => "/workspaces",
        }
    }

    /// The kind with this word.
    pub(super) fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The kind whose entities are at this path.
    pub(super) fn of_folder(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.folder() == path)
    }

    /// A refusal of its machine in words, from the journal.
    pub(super) fn refusal(self, error: &str) -> Option<String> {
        use callboard_actors::{
            agents, nodes, processes, schedules, sessions, workflows, workspaces,
        };
        match self {
            Self::Process => spoken::<processes::Refusal>(error),
            Self::Session => spoken::<sessions::Refusal>(error),
            Self::Agent => spoken::<agents::Refusal>(error),
            Self::Workflow => spoken::<workflows::Refusal>(error),
            Self::Node => spoken::<nodes::Refusal>(error),
            Self::Schedule => spoken::<schedules::Refusal>(error),
            Self::Workspace => spoken::<workspaces::Refusal>(error),
        }
    }
}

fn spoken<R: serde::de::DeserializeOwned + std::fmt::Display>(error: &str) -> Option<String> {
    serde_json::from_str::<R>(error).ok().map(|refusal| refusal.to_string())
}
