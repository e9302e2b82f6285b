//! An agent's mailbox: the `Messaged` events of its stream, behind the cursor of a durable subscription.

use super::event::Event;
use super::state::Agent;
use crate::bus::{Error, Hub, Terms};
use crate::entity::Directory;
use crate::journal::{Fault, Journal, Message, NewSubscription, SubscriptionRow};
use crate::vocabulary::{AgentId, Name, Position, Topic};

/// The id of an agent's mailbox among the subscriptions.
pub fn mailbox_id(agent: &AgentId) -> Name {
    Name::derived(&["mailbox", agent.0.as_str()])
}

fn topic(journal: &Journal) -> String {
    Topic::of(Event::MESSAGE).under(journal.topic_root())
}

/// An agent's mailbox as it stands; it comes into being when it is first asked for.
pub async fn mailbox(hub: &Hub, agent: &AgentId) -> Result<SubscriptionRow, Error> {
    let journal = hub.journal();
    let row = match hub.row(&mailbox_id(agent)).await {
        Err(Error::Unknown(name)) => {
            let new = NewSubscription {
                name,
                subscriber: agent.0.clone(),
                topics: vec![topic(journal)],
                stream: Some(Directory::<Agent>::stream(&agent.0).to_string()),
                after: 0,
                epoch: journal.epoch().to_owned(),
                ack_wait_ms: u64::try_from(Terms::ACK_WAIT.as_millis()).unwrap_or(u64::MAX),
                max_deliveries: Terms::MAX_DELIVERIES,
            };
            hub.put(new).await?.0
        }
        found => found?,
    };
    // It was restored together with the stream that it points into: its cursor still holds.
    hub.adopt(&row).await?;
    Ok(row)
}

/// What lies in an agent's mailbox behind a position, acknowledged or not: at most so many, in order.
pub async fn letters(
    journal: &Journal,
    agent: &AgentId,
    after: Position,
    limit: usize,
) -> Result<Vec<Message>, Fault> {
    let loaded = journal.load(Directory::<Agent>::stream(&agent.0), after).await?;
    let topic = topic(journal);
    let letters = loaded.messages.into_iter().filter(|m| m.topic.as_deref() == Some(&topic));
    Ok(letters.take(limit).collect())
}
