//! What a step comes to: what its nodes wrote, and which nodes follow, with all that has to be known to run them.

use super::checkpoint::{Join, Next, NodeKind, Plan, Retry, Spec, Then};
use super::effect::{NodeEnd, Place};
use super::item::{Failure, Settled};
use super::memory::View;
use super::perform::Tools;
use crate::graph::{
    self, Bundle, Definition, Entry, Failed, Finished, Frontier, Kind, Node, RetryNode, Scope,
    Trouble, Write,
};
use crate::journal::{Files, home};
use crate::vocabulary::Payload;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::new("definition", trouble.to_string())
    }
}

impl Tools {
    /// Works out what a step comes to.
    pub(super) async fn plan(
        &self,
        place: &Place,
        settled: &BTreeMap<String, NodeEnd>,
    ) -> Result<Plan, Failure> {
        let mut view = self.memory.view(place).await?;
        if place.undo.is_some() {
            return self.plan_undo(place, &view, settled).await;
        }
        if settled.is_empty() {
            return self.first(place, &view);
        }
        let definition = view.definition()?;
        let mut finished = BTreeMap::new();
        for (node, end) in settled {
            finished.insert(node.clone(), self.finished(place, &view, node, end).await?);
        }
        let frontier = frontier(place);
        let writes = graph::writes(definition, &view.scope(), &frontier, &finished)?;
        let state = self.memory.take(place, &mut view);
        let definition = view.definition()?;
        let step =
            graph::advance(definition, &view.scope(), state, writes, (&frontier, &finished))?;
        let scope = Scope { state: &step.state, step: place.step + 1, ..view.scope() };
        let then = if step.next.entries.is_empty() {
            let output = graph::output(definition, &step.state, &scope)?;
            Then::End(self.payload(output).await)
        } else {
            Then::Next(next(&view.bundle, definition, &step.next, &scope)?)
        };
        let plan = self.planned(place, step.writes, &step.state, then).await;
        match plan.then {
            Then::Next(_) => self.memory.remember(place, step.state),
            Then::End(_) => self.memory.forget(&place.workflow_id),
        }
        Ok(plan)
    }

    /// A plan, with what it writes put away.
    pub(super) async fn planned(
        &self,
        place: &Place,
        writes: Vec<Write>,
        state: &Map<String, Value>,
        then: Then,
    ) -> Plan {
        let writes = Value::Array(writes.into_iter().map(Value::from).collect());
        let bytes = Payload::length(&writes) as u64;
        let whole = self.whole(place, bytes, state).await;
        Plan { writes: self.payload(writes).await, bytes, whole, then }
    }

    /// A run whose beginning could not be worked out before.
    fn first(&self, place: &Place, view: &View) -> Result<Plan, Failure> {
        let definition = view.definition()?;
        let begun = graph::begin(definition, &view.input)?;
        let scope = Scope { step: place.step + 1, ..view.scope() };
        let then = Then::Next(next(&view.bundle, definition, &begun.frontier, &scope)?);
        self.memory.remember(place, (*view.state).clone());
        Ok(Plan { writes: Payload::Inline(json!([])), bytes: 2, whole: None, then })
    }

    pub(super) async fn finished(
        &self,
        place: &Place,
        view: &View,
        node: &str,
        end: &NodeEnd,
    ) -> Result<Finished, Failure> {
        let failed = end.failed();
        if !failed.is_empty() {
            return Ok(Finished::Failed(failed));
        }
        let mut outputs = Vec::new();
        for settled in end.items.values() {
            if let Settled::Output(payload) = settled {
                outputs.push(self.memory.value(payload).await?);
            }
        }
        if !end.is_list {
            return Ok(Finished::Output(outputs.pop().unwrap_or_default()));
        }
        let items = self.memory.items(place, view, node)?;
        Ok(Finished::Outputs(items.iter().cloned().zip(outputs).collect()))
    }

    /// Writes the whole state down where what was written since comes to four times as much: whoever reads it folds so
    /// much at most, and whole states take a third of what is written, where nothing is ever overwritten.
    async fn whole(
        &self,
        place: &Place,
        bytes: u64,
        state: &Map<String, Value>,
    ) -> Option<(Payload, u64)> {
        const LEAST: u64 = 10_000;
        if place.since_whole + bytes < LEAST.max(place.whole * 4) {
            return None;
        }
        let state = Value::Object(state.clone());
        let text = state.to_string();
        let bytes = text.len() as u64;
        if text.len() <= Payload::INLINE_BYTES {
            return Some((Payload::Inline(state), bytes));
        }
        let file = home::checkpoint(&place.workflow_id, place.step);
        let placed = self.until_stored(move |files| files.publish(&file, text.as_bytes())).await;
        Some((Payload::File(placed), bytes))
    }

    /// A value as a message holds it, however long the disk takes.
    pub(super) async fn payload(&self, value: Value) -> Payload {
        match Payload::inline(value) {
            Ok(payload) => payload,
            Err(value) => {
                let text = value.to_string();
                let put = move |files: &Files| files.publish_by_hash(text.as_bytes());
                Payload::File(self.until_stored(put).await)
            }
        }
    }
}

impl NodeEnd {
    /// Those of its items that failed, in the order of its list.
    fn failed(&self) -> Vec<Failed> {
        let failed = self.items.iter().filter_map(|(index, settled)| match settled {
            Settled::Failed(failure) => Some(Failed { index: *index, error: json!(failure) }),
            Settled::Output(_) => None,
        });
        failed.collect()
    }
}

/// The frontier of which these are the nodes.
pub(super) fn frontier_of(next: &Next) -> Frontier {
    let entry = |spec: &Spec| Entry { error: spec.error.clone() };
    let entries = next.nodes.iter().map(|(node, spec)| (node.clone(), entry(spec)));
    let joins = next.joins.iter().map(|join| (join.edge, join.seen.clone()));
    Frontier { entries: entries.collect(), joins: joins.collect() }
}

fn frontier(place: &Place) -> Frontier {
    let entries = place.nodes.iter();
    let entries = entries.map(|(node, error)| (node.clone(), Entry { error: error.clone() }));
    let joins = place.joins.iter().map(|join| (join.edge, join.seen.clone()));
    Frontier { entries: entries.collect(), joins: joins.collect() }
}

/// The nodes that follow, with what has to be known to run them.
pub(super) fn next(
    bundle: &Bundle,
    definition: &Definition,
    frontier: &Frontier,
    scope: &Scope<'_>,
) -> Result<Next, Trouble> {
    let nodes = frontier.entries.iter().map(|(name, entry)| {
        let spec = spec(bundle, definition, name, entry, scope)?;
        Ok((name.clone(), spec))
    });
    let joins = frontier.joins.iter();
    Ok(Next {
        nodes: nodes.collect::<Result<_, Trouble>>()?,
        joins: joins.map(|(edge, seen)| Join { edge: *edge, seen: seen.clone() }).collect(),
        concurrency: definition.concurrency,
    })
}

fn spec(
    bundle: &Bundle,
    definition: &Definition,
    name: &str,
    entry: &Entry,
    scope: &Scope<'_>,
) -> Result<Spec, Trouble> {
    let trouble = |what: String| Trouble { place: format!("nodes.{name}"), what };
    let node = definition.nodes.get(name).ok_or_else(|| trouble("there is no such node".into()))?;
    let scope = Scope { error: entry.error.as_ref().or(scope.error), ..*scope };
    let items = graph::items(name, definition, &scope)?;
    let items = items.map(|items| u32::try_from(items.len())).transpose();
    let millis = |text: &String| graph::duration(text).map(millis).map_err(trouble);
    Ok(Spec {
        kind: kind(node).ok_or_else(|| trouble("it has no kind".into()))?,
        items: items.map_err(|_| trouble("its list is too long".into()))?,
        concurrency: node.concurrency,
        retry: node.retry.as_ref().map(|retry| self::retry(retry, millis)).transpose()?,
        timeout_ms: node.timeout.as_ref().map(millis).transpose()?,
        limits: node.limits.clone(),
        is_caught: node.on_error.is_some(),
        is_undoable: node.undo.is_some(),
        undoes_inside: node.subgraph.as_ref().is_some_and(|inner| bundle.undoes(&inner.workflow)),
        error: entry.error.clone(),
    })
}

fn retry(
    retry: &RetryNode,
    millis: impl Fn(&String) -> Result<u64, Trouble>,
) -> Result<Retry, Trouble> {
    const FIRST_MS: u64 = 2_000;
    const MAX_MS: u64 = 60_000;
    Ok(Retry {
        attempts: retry.attempts,
        first_ms: retry.backoff.as_ref().map(&millis).transpose()?.unwrap_or(FIRST_MS),
        max_ms: retry.max.as_ref().map(&millis).transpose()?.unwrap_or(MAX_MS),
        on: retry.on.clone(),
    })
}

fn kind(node: &Node) -> Option<NodeKind> {
    node.kinds().next().map(|kind| match kind {
        Kind::Agent(_) => NodeKind::Agent,
        Kind::Tool(_) => NodeKind::Tool,
        Kind::Subgraph(_) => NodeKind::Subgraph,
        Kind::Interrupt(_) => NodeKind::Interrupt,
        Kind::Wait(_) => NodeKind::Wait,
        Kind::Set(_) => NodeKind::Set,
    })
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
