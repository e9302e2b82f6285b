//! Calling a tool for a node: an effect of the workflow's own, made again after a crash with the same id; but what may
//! not be repeated is noted as begun first, and whoever finds it noted does not make it again.

use super::budget::RootPurse;
use super::carry::{budget, done, path_of};
use super::command::{Command, Outcome, Refusal};
use super::effect::Carry;
use super::event::Event;
use super::item::{Failure, ItemId, ItemPhase};
use super::lost::INDETERMINATE;
use super::perform::Tools;
use super::state::{Facts, Phase, Workflow};
use crate::machine::Outbox;
use crate::nodes::{self, CallFailure, Key, Metrics, Paying};
use crate::tools::{Caller, Meter, Repeat, Tool, ToolError, shortened};
use crate::vocabulary::{MessageId, Timestamp};
use serde_json::{Map, Value, json};
use std::rc::Rc;

impl Tools {
    /// Calls a tool; what it gives is the item's output.
    pub(super) async fn call(
        &self,
        carry: &Carry,
        name: &str,
        arguments: Map<String, Value>,
        outbox: &Outbox<Workflow>,
    ) -> Result<Outcome, Failure> {
        if carry.is_begun {
            return Err(lost(name, &arguments));
        }
        self.toolset.ready(&[name.to_owned()]).await;
        let known: Vec<String> = self.toolset.list().into_iter().map(|tool| tool.name).collect();
        let tool = self.toolset.find(name, &known);
        let tool = tool.map_err(|error| Failure::new("no_such_tool", error.error))?;
        note(carry, &tool, outbox).await?;
        let budget = budget(carry);
        let paying = budget.as_ref().map(|budget| Paying {
            purse: Rc::new(RootPurse::new(self.workflows.clone())),
            budget,
            key: Key(format!("{}/{}", carry.place.workflow_id, carry.item.key("tool").0)),
        });
        let arguments = Value::Object(arguments);
        let called = nodes::make_call(&self.toolset, paying, &tool, arguments, caller(carry)).await;
        let value = called.map_err(|failure| match failure {
            CallFailure::Tool(ToolError { error, is_lost, .. }) => {
                Failure::new(if is_lost { INDETERMINATE } else { "tool_failed" }, error)
            }
            CallFailure::Limit(why) => Failure::new("limit", why),
        })?;
        Ok(done(self.payload(value).await, Metrics::default()))
    }
}

/// Has it on record that a call may have been made from now on.
async fn note(carry: &Carry, tool: &Tool, outbox: &Outbox<Workflow>) -> Result<(), Failure> {
    let begin = Command::BeginCall { item: carry.item.clone(), tool: tool.name.clone() };
    if tool.repeat == Repeat::Safe || outbox.tell(begin).await {
        return Ok(());
    }
    Err(Failure::new("tool_failed", "nobody wants the call any more: it was not made"))
}

fn lost(name: &str, arguments: &Map<String, Value>) -> Failure {
    let with = shortened(&json!(arguments));
    Failure::new(
        INDETERMINATE,
        format!(
            "the tool {name} was called with {with}, and the server went before its result was known: look whether it was done"
        ),
    )
}

/// Whoever makes the call of an attempt again is the same.
fn caller(carry: &Carry) -> Caller {
    let (place, item) = (&carry.place, &carry.item);
    Caller {
        id: MessageId::derived(&["tool", place.workflow_id.0.as_str(), &item.key("node").0]),
        workflow_id: place.workflow_id.clone(),
        path: path_of(place, item),
        profile: None,
        workplace: place.workplace.clone(),
        meter: Meter::default(),
    }
}

impl Workflow {
    pub(super) fn begin_call(
        &self,
        facts: &Facts,
        item: &ItemId,
        tool: &str,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let is_open = matches!(facts.item(item)?, ItemPhase::Ready | ItemPhase::Backoff(_));
        let is_wanted = matches!(self.phase, Phase::Running | Phase::Paused { .. });
        let is_first =
            facts.visits.get(&item.node).is_some_and(|visit| !visit.begun.contains(item));
        if !(is_open && is_wanted && is_first) {
            return Err(Refusal::NotOpen(item.key("node").0));
        }
        let (workflow_id, item) = (facts.workflow_id.clone(), item.clone());
        Ok(vec![Event::CallBegun { workflow_id, item, tool: tool.to_owned(), at }])
    }
}
