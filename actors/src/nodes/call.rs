//! Making a call: whether it may be made (again), what came of it, and that it is put away where it is large.
//!
//! One that may be repeated is made again with the same id whenever nobody makes it. One that may not is noted as begun
//! first; whoever finds it noted did not make it, so what came of it is lost.

use super::command::{CallEnded, Called, Command, Ended, Said};
use super::effect::Call;
use super::paid::{self, Paying};
use super::perform::Tools;
use super::purse::Key;
use super::state::Node;
use super::turn::until_settled;
use crate::graph::Agent;
use crate::machine::Outbox;
use crate::tools::{Caller, Meter, Repeat, Tool, ToolCall, ToolError};
use crate::vocabulary::{MessageId, Payload};
use serde_json::Value;
use std::rc::Rc;

impl Tools {
    /// The calls of an answer, their arguments put away where they are large.
    pub(super) async fn called(&self, made: Vec<ToolCall>, said: Said) -> Result<Ended, String> {
        let mut calls = Vec::with_capacity(made.len());
        for ToolCall { id, name, arguments } in made {
            let stored = until_settled(async || self.payload(arguments.clone()).await).await?;
            calls.push(Called { id, name, arguments: stored });
        }
        Ok(Ended::Called { calls, said })
    }

    /// Makes a call, unless it may have been made before and is not to be made again.
    pub(super) async fn call(&self, call: &Call, outbox: &Outbox<Node>) -> CallEnded {
        if call.is_begun {
            return CallEnded::Lost;
        }
        let (result, is_error) = match self.try_to_call(call, outbox).await {
            Ok(value) => (value, false),
            Err(error) if error.is_lost => return CallEnded::Lost,
            Err(error) => (Value::String(error.error), true),
        };
        match until_settled(async || self.payload(result.clone()).await).await {
            Ok(result) => CallEnded::Done { result, is_error },
            Err(error) => CallEnded::Done { result: Payload::Inline(error.into()), is_error: true },
        }
    }

    async fn try_to_call(&self, call: &Call, outbox: &Outbox<Node>) -> Result<Value, ToolError> {
        let agent = until_settled(async || self.agent(&call.order.asked).await).await;
        let agent = agent.map_err(ToolError::new)?;
        self.toolset.ready(std::slice::from_ref(&call.call.name)).await;
        let tool = self.toolset.find(&call.call.name, &agent.tools)?;
        let arguments = until_settled(async || self.value(&call.call.arguments).await).await;
        let arguments = arguments.map_err(ToolError::new)?;
        self.note(call, &tool, outbox).await?;
        let (paying, caller) = (self.paying(call), caller(call, agent));
        Ok(paid::make_call(&self.toolset, paying, &tool, arguments, caller).await?)
    }

    /// Under which limits a call is made. Its key is one of its turn's, so that a wait for room is known for the node's.
    fn paying<'a>(&self, call: &'a Call) -> Option<Paying<'a>> {
        let (spending, budget) = (self.spending.get()?, call.order.budget.as_ref()?);
        let key = Key(format!("{}/{}/call/{}", call.node_id.0, call.turn, call.index));
        Some(Paying { purse: Rc::clone(&spending.purse), budget, key })
    }

    /// Has it on record that a call may have been made from now on.
    async fn note(&self, call: &Call, tool: &Tool, outbox: &Outbox<Node>) -> Result<(), ToolError> {
        let begin = Command::BeginCall { turn: call.turn, index: call.index };
        if tool.repeat == Repeat::Safe || outbox.tell(begin).await {
            return Ok(());
        }
        Err(ToolError::new("nobody wants the call any more: it was not made"))
    }
}

/// Whoever makes the call again is the same.
fn caller(call: &Call, agent: Agent) -> Caller {
    let place = [call.turn.to_string(), call.index.to_string()];
    Caller {
        id: MessageId::derived(&["call", call.node_id.0.as_str(), &place[0], &place[1]]),
        workflow_id: call.order.workflow_id.clone(),
        path: call.order.path.clone(),
        // One without a profile is an agent all the same.
        profile: Some(agent.profile.unwrap_or_else(|| Caller::NO_PROFILE.into())),
        workplace: call.order.workplace.clone(),
        meter: Meter::default(),
    }
}
