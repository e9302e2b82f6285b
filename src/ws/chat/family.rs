//! [`Family`]: which streams of the journal belong to a thread: the thread itself, its subgraphs at any depth, and the
//! nodes of all of them; and what each is called, as seen from the thread.
//!
//! What is not known yet is looked up, and never changes afterwards. So it makes no difference to what a client hears
//! whether the lineage was followed from its beginning, or from the middle.

use crate::threads;
use crate::wire::{App, Problem};
use callboard_actors::entity::Directory;
use callboard_actors::nodes::Node;
use callboard_actors::vocabulary::{Name, WorkflowId};
use callboard_actors::workflows::{ItemId, Parent, Past};
use futures::future::{FutureExt as _, LocalBoxFuture};
use serde_json::Value;
use std::collections::HashMap;

/// So many streams of others are remembered to be none of ours.
const STRANGERS: usize = 20_000;

/// A thread's lineage, as far as it is known.
pub(super) struct Family {
    app: App,
    thread: WorkflowId,
    /// The workflow at the beginning of it all.
    root: String,
    /// What stands before the names of a workflow's nodes; `None`: it is a stranger.
    workflows: HashMap<Name, Option<String>>,
    /// What a node is called; `None`: it is a stranger.
    nodes: HashMap<Name, Option<String>>,
}

impl Family {
    /// Of this thread, whose lineage begins at `root`.
    pub(super) fn of(app: App, thread: WorkflowId, root: String) -> Self {
        let workflows = HashMap::from([(thread.0.clone(), Some(String::new()))]);
        Self { app, thread, root, workflows, nodes: HashMap::new() }
    }

    /// The thread.
    pub(super) fn thread(&self) -> &WorkflowId {
        &self.thread
    }

    /// What stands before the names of a workflow's nodes; `None`: it is a stranger.
    pub(super) async fn before(&mut self, workflow: &Name) -> Result<Option<String>, Problem> {
        if let Some(known) = self.workflows.get(workflow) {
            return Ok(known.clone());
        }
        let before = self.look_up(workflow.clone()).await?;
        Ok(self.know(workflow.clone(), before))
    }

    /// A workflow begins: it is one of ours if its parent is.
    pub(super) async fn meet(
        &mut self,
        workflow: &Name,
        parent: Option<&Parent>,
    ) -> Result<(), Problem> {
        if *workflow != self.thread.0 {
            let before = self.below(parent.cloned()).await?;
            self.know(workflow.clone(), before);
        }
        Ok(())
    }

    /// What a node is called; `None`: it is a stranger.
    pub(super) async fn node(&mut self, node: &Name) -> Result<Option<String>, Problem> {
        if let Some(known) = self.nodes.get(node) {
            return Ok(known.clone());
        }
        let stream = Directory::<Node>::stream(node);
        let row = self.app.parts().journal.reader().row("nodes", stream).await?;
        let Some(row) = row else { return Ok(None) };
        let workflow: Name = threads::text(&row, "workflow_id").parse()?;
        self.meet_node(node, &workflow, threads::text(&row, "path")).await
    }

    /// A node begins, at this place of its workflow.
    pub(super) async fn meet_node(
        &mut self,
        node: &Name,
        workflow: &Name,
        place: &str,
    ) -> Result<Option<String>, Problem> {
        let path = self.place(workflow, place).await?;
        forget(&mut self.nodes);
        self.nodes.insert(node.clone(), path.clone());
        Ok(path)
    }

    /// What a place of a workflow, such as `debate/run 1/step 3/judge[2]`, is called here.
    pub(super) async fn place(
        &mut self,
        workflow: &Name,
        place: &str,
    ) -> Result<Option<String>, Problem> {
        let last = place.rsplit('/').next().unwrap_or(place);
        Ok(self.before(workflow).await?.map(|before| format!("{before}{last}")))
    }

    fn know(&mut self, workflow: Name, before: Option<String>) -> Option<String> {
        forget(&mut self.workflows);
        self.workflows.insert(workflow, before.clone());
        before
    }

    /// A workflow that was not met when it began.
    async fn look_up(&mut self, workflow: Name) -> Result<Option<String>, Problem> {
        let id = WorkflowId(workflow);
        let Some(row) = threads::row(&self.app, &id).await? else { return Ok(None) };
        if threads::text(&row, "root_id") != self.root || row.get("parent_id") == Some(&Value::Null)
        {
            return Ok(None);
        }
        let past = Past::read(&self.app.parts().journal, &id).await?;
        self.below(past.order.parent).await
    }

    fn below(
        &mut self,
        parent: Option<Parent>,
    ) -> LocalBoxFuture<'_, Result<Option<String>, Problem>> {
        async move {
            let Some(Parent { workflow_id, root_id, item, .. }) = parent else { return Ok(None) };
            if root_id.0.as_str() != self.root {
                return Ok(None);
            }
            let above = self.before(&workflow_id.0).await?;
            Ok(above.map(|above| format!("{above}{}/", called(&item))))
        }
        .boxed_local()
    }
}

/// Who belongs to us stays.
fn forget(known: &mut HashMap<Name, Option<String>>) {
    if known.len() >= STRANGERS {
        known.retain(|_, ours| ours.is_some());
    }
}

/// `judge`, or `judge[2]`
pub(super) fn called(item: &ItemId) -> String {
    let ItemId { node, index, .. } = item;
    index.map_or_else(|| node.clone(), |index| format!("{node}[{index}]"))
}
