//! A workflow and those that its subgraph nodes have started, however deep: their open questions are its own.

use super::known::{Row, TABLE, row, text};
use crate::wire::{App, Problem};
use callboard_actors::entity::Directory;
use callboard_actors::journal::RowFilter;
use callboard_actors::vocabulary::{Name, WorkflowId};
use callboard_actors::workflows::{Interrupt, Past, Workflow};
use serde::Serialize;

/// So many of a lineage are looked at.
const MOST: usize = 1_000;

/// An open question, and whose it is.
#[derive(Debug, Serialize)]
pub struct Asked {
    /// Which workflow asks.
    pub workflow_id: WorkflowId,
    /// What is asked.
    #[serde(flatten)]
    pub interrupt: Interrupt,
}

/// All open questions of a workflow and of its subgraphs.
pub async fn open(app: &App, workflow: &WorkflowId, of: &Row) -> Result<Vec<Asked>, Problem> {
    let filters = vec![
        RowFilter::is("root_id", text(of, "root_id").to_owned()),
        RowFilter::from("interrupts", 1),
    ];
    let journal = &app.parts().journal;
    let page = journal.reader().rows(TABLE, filters, None, MOST).await?;
    let mut open = Vec::new();
    for row in page.items {
        let id = WorkflowId(text(&row, "id").parse()?);
        if !is_below(app, &row, workflow).await? {
            continue;
        }
        let past = Past::read(journal, &id).await?;
        let asked = past.workflow.interrupts().cloned();
        open.extend(asked.map(|interrupt| Asked { workflow_id: id.clone(), interrupt }));
    }
    Ok(open)
}

/// Whether it is this workflow, or one below it.
async fn is_below(app: &App, of: &Row, above: &WorkflowId) -> Result<bool, Problem> {
    let mut at = of.clone();
    loop {
        if text(&at, "id") == above.0.as_str() {
            return Ok(true);
        }
        let Ok(parent) = text(&at, "parent_id").parse::<Name>() else { return Ok(false) };
        let Some(parent) = row(app, &WorkflowId(parent)).await? else { return Ok(false) };
        at = parent;
    }
}

/// Who asks this question, or has asked it: a request that comes again has to meet the same one. The workflow itself,
/// where nobody did: it says then that there is no such question.
pub(super) async fn asker(
    app: &App,
    workflow: &WorkflowId,
    row: &Row,
    interrupt: &Name,
) -> Result<WorkflowId, Problem> {
    let open = open(app, workflow, row).await?;
    let asked = open.into_iter().find(|asked| asked.interrupt.interrupt_id == *interrupt);
    if let Some(asked) = asked {
        return Ok(asked.workflow_id);
    }
    let root = RowFilter::is("root_id", text(row, "root_id").to_owned());
    let page = app.parts().journal.reader().rows(TABLE, vec![root], None, MOST).await?;
    for row in &page.items {
        let id = WorkflowId(text(row, "id").parse()?);
        if has_asked(app, &id, interrupt).await? && is_below(app, row, workflow).await? {
            return Ok(id);
        }
    }
    Ok(workflow.clone())
}

async fn has_asked(app: &App, workflow: &WorkflowId, interrupt: &Name) -> Result<bool, Problem> {
    let stream = Directory::<Workflow>::stream(&workflow.0);
    let loaded = app.parts().journal.load(stream, 0).await?;
    let mut asked =
        loaded.messages.iter().filter(|message| message.event_type == "WORKFLOW_INTERRUPTED");
    Ok(asked.any(|message| message.data.get().contains(interrupt.as_str())))
}
