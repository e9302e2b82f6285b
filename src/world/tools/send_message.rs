//! `send_message`: writes to an agent, whose mailbox keeps it until it is acknowledged.

use super::act::{Act, Called, fault, name, read, safe};
use callboard_actors::agents::{Agent, Command, Letter, is_known};
use callboard_actors::entity::Directory;
use callboard_actors::tools::{Caller, Tool, ToolError};
use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};

pub(super) fn tool() -> Tool {
    safe(
        "send_message",
        "Writes a message to a registered agent. It stays in the agent's mailbox until the agent has acknowledged it. To \
         speak to a group, use publish.",
        json!({
            "type": "object",
            "required": ["to", "data"],
            "additionalProperties": false,
            "properties": {
                "to": { "type": "string", "description": "The agent's id." },
                "data": { "description": "What is said: any JSON value, at most 10,000 bytes." },
                "event_type": { "type": "string", "description": "What kind of message it is." },
                "correlation_id": { "type": "string", "description": "What it belongs to, such as the question that it answers." },
            },
        }),
    )
}

pub(super) struct SendMessage(pub(super) Directory<Agent>);

#[derive(Deserialize)]
struct Arguments {
    to: String,
    data: Value,
    event_type: Option<String>,
    correlation_id: Option<String>,
}

impl Act for SendMessage {
    fn call(&self, arguments: Value, caller: Caller) -> Called {
        let agents = self.0.clone();
        async move {
            let Arguments { to, data, event_type, correlation_id } = read(arguments)?;
            let agent = name(&to)?;
            if !is_known(agents.journal(), &agent).await.map_err(|error| fault(&error))? {
                return Err(ToolError::new(format!("there is no agent {to}")));
            }
            let letter = Letter { from: None, event_type, correlation_id, data };
            letter.check().map_err(|unfit| ToolError::new(unfit.to_string()))?;
            match agents.tell(&agent, caller.id, Command::Receive(letter)).await {
                // The message stands right behind the command that brought it about.
                Ok(receipt) => Ok(json!({ "agent_id": agent, "position": receipt.position + 1 })),
                Err(error) if error.is_passing() => Err(ToolError::passing(error.to_string())),
                Err(error) => Err(ToolError::new(error.to_string())),
            }
        }
        .boxed_local()
    }
}
