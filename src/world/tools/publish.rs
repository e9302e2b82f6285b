//! `publish`: says something on a topic, for whoever follows it: dashboards, other agents, workflows that wait for a
//! message. The house's own topics are not for it.

use super::act::{Act, Called, fault, read, safe};
use callboard_actors::bus::{Publication, PublishError};
use callboard_actors::journal::Journal;
use callboard_actors::tools::{Caller, Tool, ToolError};
use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Value, json};

pub(super) fn tool() -> Tool {
    safe(
        "publish",
        "Publishes a message on a topic. Whoever follows the topic gets it, and it can be read with read_messages. \
         A topic has levels, separated by dots (team.42.all). Messages are kept, and at most 10,000 bytes long.",
        json!({
            "type": "object",
            "required": ["topic", "data"],
            "additionalProperties": false,
            "properties": {
                "topic": { "type": "string", "description": "On which topic, without wildcards." },
                "data": { "description": "What is said: any JSON value." },
                "event_type": { "type": "string", "description": "What kind of message it is, such as QUESTION; else MESSAGE." },
            },
        }),
    )
}

pub(super) struct Publish(pub(super) Journal);

#[derive(Deserialize)]
struct Arguments {
    topic: String,
    data: Value,
    event_type: Option<String>,
}

impl Act for Publish {
    fn call(&self, arguments: Value, caller: Caller) -> Called {
        let journal = self.0.clone();
        async move {
            let Arguments { topic, data, event_type } = read(arguments)?;
            refuse_own(&topic, journal.topic_root())?;
            let said = Publication { topic: topic.clone(), event_type, data, correlation: None };
            let key = format!("tool:{}", caller.id);
            let position = said.publish(&journal, caller.id, Some(key)).await;
            let position = position.map_err(|error| match error {
                PublishError::Fault(error) => fault(&error),
                error => ToolError::new(error.to_string()),
            })?;
            Ok(json!({ "topic": topic, "position": position, "message_id": caller.id }))
        }
        .boxed_local()
    }
}

fn refuse_own(topic: &str, root: &str) -> Result<(), ToolError> {
    let is_own =
        topic.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    if !is_own {
        return Ok(());
    }
    Err(ToolError::new(format!(
        "topics below {root}. are the house's own: publish anywhere else, and write to an agent with send_message"
    )))
}
