//! What the monitor looks for among agents: those that are said to work and do not, and those that take no
//! messages. Nothing is mended here: who speaks for an agent is outside.

use super::monitor::Found;
use crate::agents::letters;
use crate::journal::{Fault, FullMailbox, IdleAgent, Journal};
use crate::vocabulary::{AgentId, Name, Timestamp};

/// Agents that are busy with a process which has stopped working before `before`.
pub(super) async fn idle_agents(journal: &Journal, before: Timestamp) -> Result<Vec<Found>, Fault> {
    let idle = journal.reader().idle_agents(before).await?.into_iter();
    let found = idle.map(|IdleAgent { id, process, status, since }| Found {
        about: format!("agent/{id} busy"),
        error: format!(
            "it is busy with {process}, which is {status} since {since}: `callboard restart /services/agent-follower` has it told again"
        ),
    });
    Ok(found.collect())
}

/// Mailboxes whose oldest message lies there since before `before`.
pub(super) async fn full_mailboxes(
    journal: &Journal,
    before: Timestamp,
) -> Result<Vec<Found>, Fault> {
    let mut found = Vec::new();
    for FullMailbox { agent, position } in journal.reader().full_mailboxes(before).await? {
        let Ok(name) = agent.parse::<Name>() else { continue };
        let oldest = letters(journal, &AgentId(name), position, 1).await?;
        let Some(oldest) = oldest.first().filter(|oldest| oldest.created_at < before) else {
            continue;
        };
        let (about, since) = (format!("agent/{agent} mailbox"), oldest.created_at);
        let error = format!(
            "what lies in its mailbox since {since} was not taken: `GET /agents/{agent}/messages` shows it; start who speaks for it, or pause the subscription"
        );
        found.push(Found { about, error });
    }
    Ok(found)
}
