//! [`Lineage`]: below which workflows a call is made. Read from the read model once a workflow: who has started it never
//! changes.

use crate::rules::{Ancestor, Who};
use callboard_actors::entity::Directory;
use callboard_actors::journal::{Fault, Journal};
use callboard_actors::tools::Caller;
use callboard_actors::vocabulary::{Name, WorkflowId};
use callboard_actors::workflows::Workflow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// So many are kept in memory.
const MOST: usize = 10_000;

/// So deep may workflows lie in each other, at most.
const DEEPEST: usize = 1_000;

/// The types of workflows, from a workflow up to its root. Clones share what is known.
#[derive(Clone, Default)]
pub(super) struct Lineage(Arc<Mutex<HashMap<WorkflowId, Arc<[String]>>>>);

impl Lineage {
    /// Who calls, and below whom. `None`: nobody knows the workflow, so nobody knows what it may.
    pub(super) async fn of(
        &self,
        journal: &Journal,
        caller: &Caller,
    ) -> Result<Option<(Who, Vec<Ancestor>)>, Fault> {
        let known = self.known().get(&caller.workflow_id).cloned();
        let types = match known {
            Some(types) => types,
            None => match look(journal, &caller.workflow_id).await? {
                Some(types) => self.keep(&caller.workflow_id, types),
                None => return Ok(None),
            },
        };
        let own = types.first().cloned().unwrap_or_default();
        let who = match &caller.profile {
            Some(profile) => Who::Agent(profile.clone()),
            None => Who::Node(own),
        };
        let above = types.iter().cloned().map(Ancestor::Workflow).collect();
        Ok(Some((who, above)))
    }

    fn keep(&self, workflow: &WorkflowId, types: Vec<String>) -> Arc<[String]> {
        let types: Arc<[String]> = types.into();
        let mut known = self.known();
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(workflow.clone(), Arc::clone(&types));
        types
    }

    fn known(&self) -> MutexGuard<'_, HashMap<WorkflowId, Arc<[String]>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The types, the workflow's own first. `None`: one of them is not there.
async fn look(journal: &Journal, workflow: &WorkflowId) -> Result<Option<Vec<String>>, Fault> {
    let (mut types, mut next) = (Vec::new(), Some(workflow.clone()));
    while let Some(at) = next.take() {
        let stream = Directory::<Workflow>::stream(&at.0);
        let Some(row) = journal.reader().row("workflows", stream).await? else { return Ok(None) };
        let text = |column: &str| row.get(column).and_then(|value| value.as_str());
        let Some(of) = text("type").filter(|_| types.len() < DEEPEST) else { return Ok(None) };
        types.push(of.to_owned());
        next = text("parent_id").and_then(|id| id.parse::<Name>().ok()).map(WorkflowId);
    }
    Ok(Some(types))
}
