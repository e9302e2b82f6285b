//! `GET /workflows/{id}/compare/{other}`: two workflows side by side, and where they part.

use super::past::differing;
use crate::threads::{existing, text};
use crate::wire::{App, Problem};
use actix_web::{HttpResponse, web};
use callboard_actors::journal::Journal;
use callboard_actors::nodes::Metrics;
use callboard_actors::vocabulary::{Payload, Position, WorkflowId};
use callboard_actors::workflows::{NodeRecord, Past, Record, Recorded, StepRecord};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// `GET /workflows/{id}/compare/{other}`
pub(in crate::http) async fn compare(
    app: web::Data<App>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Problem> {
    let (a, b) = path.into_inner();
    let pair = Pair { a: Side::read(&app, &a).await?, b: Side::read(&app, &b).await? };
    let journal = &app.parts().journal;
    let shared = pair.shared();
    let mut parts_at = pair.first_difference(journal, shared).await?;
    let mut steps = Vec::new();
    for number in pair.steps(shared) {
        let difference = pair.difference(journal, number).await?;
        steps.push(json!({
            "step": number,
            "differs": difference.is_some(),
            "a": pair.a.step(number).map(told),
            "b": pair.b.step(number).map(told),
        }));
        parts_at = parts_at.or(difference);
    }
    let (old, new) = (pair.a.newest(journal).await?, pair.b.newest(journal).await?);
    Ok(HttpResponse::Ok().json(json!({
        "a": pair.a.head(),
        "b": pair.b.head(),
        "shared_checkpoint": shared,
        "parts_at": parts_at,
        "steps": steps,
        "channels": differing(&old, &new),
    })))
}

/// One of the two.
struct Side {
    id: WorkflowId,
    kind: String,
    status: String,
    past: Past,
    record: Record,
}

struct Pair {
    a: Side,
    b: Side,
}

impl Side {
    async fn read(app: &App, id: &str) -> Result<Self, Problem> {
        let (id, row) = existing(app, id).await?;
        let (kind, status) = (text(&row, "type").to_owned(), text(&row, "status").to_owned());
        let journal = &app.parts().journal;
        let past = Past::read(journal, &id).await?;
        let record = Record::read(journal, &id, Position::MAX).await?;
        Ok(Self { id, kind, status, past, record })
    }

    /// The newest of the steps of this number: one that a run left open is not done again under it.
    fn step(&self, number: u32) -> Option<&StepRecord> {
        self.past.history.steps.iter().rev().find(|step| step.step == number)
    }

    fn first(&self) -> u32 {
        self.past.checkpoints.keys().next().copied().unwrap_or_default()
    }

    async fn newest(&self, journal: &Journal) -> Result<Map<String, Value>, Problem> {
        let newest = self.past.workflow.checkpoint().map_or(0, |checkpoint| checkpoint.number);
        Ok(self.past.state_at(journal, newest).await?)
    }

    /// What it is, and what all of it took.
    fn head(&self) -> Value {
        let steps = &self.past.history.steps;
        let worked = steps.iter().filter(|step| !step.is_input && step.source.is_none());
        let done = worked.filter(|step| step.committed_at.is_some()).count();
        let spent = steps.iter().fold(Metrics::default(), |sum, step| sum.plus(step.spent));
        let mut totals = json!(spent);
        totals["steps"] = json!(done);
        let origin = self.past.order.origin.as_ref().map(|origin| &origin.source);
        json!({
            "id": self.id, "type": self.kind, "status": self.status,
            "origin": origin, "totals": totals,
        })
    }

    fn is_made_of(&self, other: &Self) -> Option<u32> {
        let origin = self.past.order.origin.as_ref()?;
        (origin.source.workflow_id == other.id).then_some(origin.source.checkpoint)
    }
}

impl Pair {
    /// The checkpoint that both have in common, but for what was edited.
    fn shared(&self) -> Option<u32> {
        let (a, b) = (&self.a, &self.b);
        let source =
            |side: &Side| side.past.order.origin.as_ref().map(|origin| origin.source.clone());
        let siblings = || {
            let (left, right) = (source(a)?, source(b)?);
            let of_one =
                (&left.workflow_id, left.checkpoint) == (&right.workflow_id, right.checkpoint);
            of_one.then_some(left.checkpoint)
        };
        a.is_made_of(b).or_else(|| b.is_made_of(a)).or_else(siblings)
    }

    /// The steps that are put side by side: those behind what both have in common.
    fn steps(&self, shared: Option<u32>) -> BTreeSet<u32> {
        let steps = [&self.a, &self.b].into_iter().flat_map(|side| &side.past.history.steps);
        let since = shared.unwrap_or_else(|| self.a.first().max(self.b.first()));
        steps.map(|step| step.step).filter(|number| *number > since).collect()
    }

    /// Before any step: other inputs, or another state.
    async fn first_difference(
        &self,
        journal: &Journal,
        shared: Option<u32>,
    ) -> Result<Option<Value>, Problem> {
        let (a, b) = (self.a.past.workflow.input(), self.b.past.workflow.input());
        if let (Some(a), Some(b)) = (a, b)
            && let Some((a, b)) = unlike(journal, a, b).await?
        {
            return Ok(Some(json!({ "what": "input", "a": a, "b": b })));
        }
        let at = shared.unwrap_or_else(|| self.a.first().max(self.b.first()));
        let both = [&self.a, &self.b].iter().all(|side| side.past.checkpoints.contains_key(&at));
        if !both {
            return Ok(None);
        }
        let old = self.a.past.state_at(journal, at).await?;
        let new = self.b.past.state_at(journal, at).await?;
        let channels = differing(&old, &new);
        let found = json!({ "step": at, "what": "state", "channels": channels });
        Ok((!channels.is_empty()).then_some(found))
    }

    /// What differs first in a step.
    async fn difference(&self, journal: &Journal, step: u32) -> Result<Option<Value>, Problem> {
        let (a, b) = match (self.a.step(step), self.b.step(step)) {
            (Some(a), Some(b)) => (a, b),
            (a, b) => {
                let (a, b) = (a.map(names), b.map(names));
                return Ok(Some(json!({ "step": step, "what": "steps", "a": a, "b": b })));
            }
        };
        let (left, right) = (names(a), names(b));
        if let Some(node) = left.symmetric_difference(&right).next() {
            let (a, b) = (left.contains(node), right.contains(node));
            return Ok(Some(
                json!({ "step": step, "node": node, "what": "nodes", "a": a, "b": b }),
            ));
        }
        if let Some(found) = self.unlike_output(journal, step).await? {
            return Ok(Some(found));
        }
        let found = unlike(journal, &a.writes, &b.writes).await?;
        Ok(found.map(|(a, b)| json!({ "step": step, "what": "writes", "a": a, "b": b })))
    }

    /// The first item that came to something else.
    async fn unlike_output(&self, journal: &Journal, step: u32) -> Result<Option<Value>, Problem> {
        let of = |side: &Side| {
            let items = side.record.of_step(step);
            items.map(|(spot, came_to)| (spot.clone(), came_to.clone())).collect::<BTreeMap<_, _>>()
        };
        let (a, b) = (of(&self.a), of(&self.b));
        let spots: BTreeSet<_> = a.keys().chain(b.keys()).cloned().collect();
        for spot in spots {
            let (left, right) = (a.get(&spot), b.get(&spot));
            if let Some((a, b)) = unlike_items(journal, left, right).await? {
                let (_, node, index) = spot;
                let mut found =
                    json!({ "step": step, "node": node, "what": "output", "a": a, "b": b });
                if let Some(index) = index {
                    found["index"] = json!(index);
                }
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}

/// What two items came to, where that is not the same.
async fn unlike_items(
    journal: &Journal,
    a: Option<&Recorded>,
    b: Option<&Recorded>,
) -> Result<Option<(Value, Value)>, Problem> {
    if let (Some(Recorded::Done(a)), Some(Recorded::Done(b))) = (a, b) {
        return unlike(journal, a, b).await;
    }
    if a == b {
        return Ok(None);
    }
    Ok(Some((came_to(journal, a).await?, came_to(journal, b).await?)))
}

async fn came_to(journal: &Journal, recorded: Option<&Recorded>) -> Result<Value, Problem> {
    Ok(match recorded {
        None => Value::Null,
        Some(Recorded::Done(output)) => journal.value(output).await?,
        Some(Recorded::Failed { failure, .. }) => json!({ "failure": failure }),
    })
}

/// Two values, where they are not the same: one may lie in a file, the other in its message.
async fn unlike(
    journal: &Journal,
    a: &Payload,
    b: &Payload,
) -> Result<Option<(Value, Value)>, Problem> {
    if a == b {
        return Ok(None);
    }
    let (a, b) = (journal.value(a).await?, journal.value(b).await?);
    Ok((a != b).then_some((a, b)))
}

fn names(step: &StepRecord) -> BTreeSet<&str> {
    step.nodes.iter().map(|node| node.node.as_str()).collect()
}

/// A step, briefly.
fn told(step: &StepRecord) -> Value {
    let node = |node: &NodeRecord| {
        json!({
            "node": node.node, "kind": node.kind, "status": node.status, "items": node.items,
            "done": node.done, "adopted": node.adopted, "spent": node.spent, "error": node.error,
        })
    };
    let nodes: Vec<Value> = step.nodes.iter().map(node).collect();
    json!({ "run": step.run, "committed_at": step.committed_at, "nodes": nodes, "spent": step.spent })
}
