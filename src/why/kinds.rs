//! [`Kind`]: the kinds of entities, in the order in which an id is looked for among them. A new kind is a
//! variant here and a module that explains it.

use super::answer::Answer;
use super::house::{House, Look};
use super::{process, session, workflow};
use callboard_actors::journal::Message;
use callboard_actors::machine::Machine;
use callboard_actors::nodes::Node;
use callboard_actors::processes::Process;
use callboard_actors::sessions::Session;
use callboard_actors::vocabulary::Name;
use callboard_actors::workflows::Workflow;

/// A kind of entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Process,
    Session,
    Workflow,
    Node,
}

impl Kind {
    /// All of them, in the order in which an id is looked for.
    pub(super) const ALL: [Self; 4] = [Self::Process, Self::Session, Self::Workflow, Self::Node];

    /// Its word: what its streams begin with.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Process => Process::KIND,
            Self::Session => Session::KIND,
            Self::Workflow => Workflow::KIND,
            Self::Node => Node::KIND,
        }
    }

    /// Where its entities are in the tree.
    pub(super) fn folder(self) -> &'static str {
        match self {
            Self::Process => "/processes",
            Self::Session => "/sessions",
            Self::Workflow => "/workflows",
            Self::Node => "/nodes",
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

    /// Explains one of its entities; `None`: there is none of this name.
    pub(super) async fn explain(self, house: &House, name: &Name) -> Look<Option<Answer>> {
        match self {
            Self::Process => process::explain(house, name).await,
            Self::Session => session::explain(house, name).await,
            Self::Workflow => workflow::explain(house, name).await,
            Self::Node => workflow::explain_node(house, name).await,
        }
    }

    /// An event of its machine in words; `None`: it is of no account.
    pub(super) fn event(self, message: &Message) -> Option<String> {
        match self {
            Self::Process => process::event(message),
            Self::Session => Some(session::event(message)),
            Self::Workflow => workflow::event(message),
            Self::Node => Some(workflow::node_event(message)),
        }
    }

    /// A refusal of its machine in words, from the journal.
    pub(super) fn refusal(self, error: &str) -> Option<String> {
        use callboard_actors::{nodes, processes, sessions, workflows};
        match self {
            Self::Process => spoken::<processes::Refusal>(error),
            Self::Session => spoken::<sessions::Refusal>(error),
            Self::Workflow => spoken::<workflows::Refusal>(error),
            Self::Node => spoken::<nodes::Refusal>(error),
        }
    }
}

fn spoken<R: serde::de::DeserializeOwned + std::fmt::Display>(error: &str) -> Option<String> {
    serde_json::from_str::<R>(error).ok().map(|refusal| refusal.to_string())
}
