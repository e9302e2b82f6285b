//! [`Presence`]: a connection speaks for an agent for as long as this is held.
//!
//! Whatever way the connection ends, dropping the presence tells the agent. A server that is killed drops
//! nothing: connections are named after the server's life, so that the next one can tell which of them
//! cannot be there any more, and end them ([`super::Follower`]).

use super::command::{Command, Refusal};
use super::state::Agent;
use crate::entity::{Directory, Receipt, TellError};
use crate::journal::Fault;
use crate::vocabulary::{AgentId, MessageId, Name};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::oneshot;

/// One life of the server, by which it knows its own connections.
#[derive(Debug, Clone)]
pub struct Life {
    name: Name,
    connections: Arc<AtomicU64>,
}

impl Default for Life {
    fn default() -> Self {
        Self { name: Name::fresh(), connections: Arc::default() }
    }
}

impl Life {
    fn connection(&self) -> String {
        format!("{}.{}", self.name, self.connections.fetch_add(1, Ordering::Relaxed))
    }

    /// What all connections of this life begin with.
    pub(super) fn prefix(&self) -> String {
        format!("{}.", self.name)
    }
}

/// Says that a connection speaks for an agent.
#[derive(Debug)]
pub struct Presence {
    /// Dropped with the presence: that is what the task behind it waits for.
    _held: oneshot::Sender<()>,
}

type Answer = Result<Receipt, TellError<Refusal>>;

impl Presence {
    /// Connects an agent. Dropping the future half way is a disconnection, too.
    pub async fn of(
        agents: Directory<Agent>,
        life: &Life,
        agent_id: AgentId,
    ) -> Result<Self, TellError<Refusal>> {
        let (held, gone) = oneshot::channel();
        let (reply, answer) = oneshot::channel();
        actix_rt::spawn(stay(agents, life.connection(), agent_id.0, reply, gone));
        let ended = || Fault::Unknown("the connection's task ended".into());
        answer.await.map_err(|_| TellError::Fault(ended())).flatten()?;
        Ok(Self { _held: held })
    }
}

async fn stay(
    agents: Directory<Agent>,
    connection: String,
    agent: Name,
    reply: oneshot::Sender<Answer>,
    gone: oneshot::Receiver<()>,
) {
    let command = Command::Connect { connection: connection.clone() };
    let told = agents.tell(&agent, MessageId::fresh(), command).await;
    let is_out = told.as_ref().is_err_and(|error| !error.is_passing());
    // Whoever does not wait any more has dropped the presence, too.
    let _ = reply.send(told);
    if is_out {
        return;
    }
    // An error is what is waited for: the other end was dropped.
    let _ = gone.await;
    disconnect(&agents, &agent, connection, "its connection ended").await;
}

/// Tells an agent that a connection is no more, until that has been heard.
pub(super) async fn disconnect(
    agents: &Directory<Agent>,
    agent: &Name,
    connection: String,
    why: &str,
) {
    let id = MessageId::derived(&["agent", "disconnect", &connection]);
    let command = Command::Disconnect { connection, why: why.to_owned() };
    tell_until_heard(agents, agent, id, command).await;
}

/// Tells an agent the same again and again, until that can bring nothing new any more. False: the agent
/// is kept from acting, and has not heard it.
pub(super) async fn tell_until_heard(
    agents: &Directory<Agent>,
    agent: &Name,
    id: MessageId,
    command: Command,
) -> bool {
    let mut wait = Duration::from_millis(20);
    while let Err(error) = agents.tell(agent, id, command.clone()).await {
        if matches!(error, TellError::Parked(_)) {
            return false;
        }
        if !error.is_passing() {
            return true;
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(Duration::from_secs(2));
    }
    true
}
