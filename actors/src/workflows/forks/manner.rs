//! [`Manner`]: how the agents of a workflow are asked, where that is not as it is written; its subgraphs are carried out in
//! the same manner.

use super::course::Course;
use crate::graph::Agent;
use crate::vocabulary::{Position, WorkflowId};
use crate::workflows::item::ItemId;
use serde::{Deserialize, Serialize};

/// How agents are asked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Manner {
    /// Which model, whatever nodes and profiles say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// By which runtime, whatever nodes and profiles say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// Nobody is asked: what was recorded counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<Box<Recording>>,
}

/// The record that a replay goes by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Recording {
    /// Whose.
    pub workflow_id: WorkflowId,
    /// Up to which position of the journal.
    pub position: Position,
    /// Which of its steps are followed.
    pub course: Course,
}

impl Recording {
    /// What was recorded in the place of an item, and of which workflow that is where a subgraph carries it out.
    pub(super) fn follow(&self, item: &ItemId) -> Option<(ItemId, WorkflowId)> {
        let followed = self.course.follow(item)?;
        let child = followed.child(&self.workflow_id);
        Some((followed, child))
    }
}

impl Manner {
    /// As is written.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }

    /// An agent as it is asked.
    pub(in crate::workflows) fn apply(&self, mut agent: Agent) -> Agent {
        // Whoever says who is to be asked means nobody else.
        if self.model.is_some() || self.runtime.is_some() {
            agent.fallbacks.clear();
        }
        agent.model = self.model.clone().or(agent.model);
        agent.runtime = self.runtime.clone().or(agent.runtime);
        agent
    }
}
