//! `GET /workflows/{id}`: where it stands: its state, the nodes at work, the open questions, what it cost.

use super::fork;
use crate::threads::{self, existing};
use crate::wire::{App, Problem};
use actix_web::{HttpResponse, web};
use callboard_actors::entity::Directory;
use callboard_actors::vocabulary::{Payload, WorkflowId};
use callboard_actors::workflows::{Line, Past, Phase, Workflow};
use serde_json::{Value, json};

/// `GET /workflows/{id}`
pub(in crate::http) async fn show(
    app: web::Data<App>,
    id: web::Path<String>,
) -> Result<HttpResponse, Problem> {
    let (workflow, mut row) = existing(&app, &id).await?;
    let journal = &app.parts().journal;
    let past = Past::read(journal, &workflow).await?;
    if let Some(checkpoint) = past.workflow.checkpoint() {
        row.insert("checkpoint".into(), checkpoint.number.into());
        row.insert("state".into(), past.state_at(journal, checkpoint.number).await?.into());
    }
    if let Some(input) = past.workflow.input().filter(|input| input.file().is_some()) {
        row.insert("params".into(), journal.value(input).await?);
    }
    if let Some(origin) = &past.order.origin {
        row.insert("origin".into(), fork::told(journal, &past.order, origin).await?);
    }
    let nodes = past.history.open().map(|step| json!(step.nodes));
    row.insert("frontier".into(), nodes.unwrap_or_else(|| json!([])));
    row.insert("runs".into(), json!(past.history.runs));
    if past.workflow.queued() > 0 {
        row.insert("queued".into(), past.workflow.queued().into());
    }
    row.insert("limits".into(), json!(past.order.limits));
    row.insert("budget".into(), json!(budget(&app, &workflow, &past).await?));
    row.insert("interrupts".into(), json!(threads::open(&app, &workflow, &row).await?));
    if let Some(output) = output(&past) {
        row.insert("output".into(), journal.value(output).await?);
    }
    if let Some((now, left)) = past.workflow.undoing() {
        let undoing = json!({ "now": now, "left": left, "why": past.workflow.why_undone() });
        row.insert("undoing".into(), undoing);
    }
    if let Phase::Paused { by } = past.workflow.phase() {
        row.insert("paused_by".into(), by.as_str().into());
    }
    let stream = Directory::<Workflow>::stream(&workflow.0);
    // All are held, after bad starts, say: then nobody is at work for it, whatever its row says.
    let held = || app.parts().workflows.held().filter(|_| !past.workflow.phase().is_over());
    if let Some(parked) = journal.reader().parked_stream(stream).await?.or_else(held) {
        let parked = json!({ "by": parked.by, "why": parked.why, "since": parked.since });
        row.insert("parked".into(), parked);
    }
    Ok(HttpResponse::Ok().json(Value::Object(row)))
}

/// How far its limits are used up. A subgraph's sums are kept by its root.
async fn budget(app: &App, workflow: &WorkflowId, past: &Past) -> Result<Vec<Line>, Problem> {
    let mut lines = past.workflow.budget();
    let Some(parent) = &past.order.parent else { return Ok(lines) };
    let root = Past::read(&app.parts().journal, &parent.root_id).await?;
    for line in root.workflow.budget().into_iter().filter(|line| line.is_of(workflow)) {
        let steps = lines.iter().find(|own| own.id == line.id).and_then(|own| own.spent.steps);
        lines.retain(|own| own.id != line.id);
        lines.push(line.with_steps(steps));
    }
    Ok(lines)
}

/// What the last run answered, if it has come to its end.
fn output(past: &Past) -> Option<&Payload> {
    matches!(past.workflow.phase(), Phase::Completed).then_some(past.output.as_ref()).flatten()
}
