//! Which module explains which kind of entity. Apart from `kinds.rs`, so that those modules may know the kinds.

use super::answer::Answer;
use super::house::{House, Look};
use super::kinds::Kind;
use super::{agent, process, schedule, session, workflow, workspace};
use callboard_actors::journal::Message;
use callboard_actors::vocabulary::Name;

/// Explains one of a kind's entities; `None`: there is none of this name.
pub(super) async fn explain(house: &House, kind: Kind, name: &Name) -> Look<Option<Answer>> {
    match kind {
        Kind::Process => process::explain(house, name).await,
        Kind::Session => session::explain(house, name).await,
        Kind::Agent => agent::explain(house, name).await,
        Kind::Workflow => workflow::explain(house, name).await,
        Kind::Node => workflow::explain_node(house, name).await,
        Kind::Schedule => schedule::explain(house, name).await,
        Kind::Workspace => workspace::explain(house, name).await,
    }
}

/// An event of a kind's machine in words; `None`: it is of no account.
pub(super) fn event(kind: Kind, message: &Message) -> Option<String> {
    match kind {
        Kind::Process => process::event(message),
        Kind::Session => Some(session::event(message)),
        Kind::Agent => Some(agent::event(message)),
        Kind::Workflow => workflow::event(message),
        Kind::Node => Some(workflow::node_event(message)),
        Kind::Schedule => Some(schedule::event(message)),
        Kind::Workspace => Some(workspace::event(message)),
    }
}
