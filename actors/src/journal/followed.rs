//! What the service that follows processes on behalf of their agents has to know.

use super::store::agents;
use super::{Fault, Reader};
use crate::vocabulary::{Name, Position};

/// Something that happened to a process of a registered agent.
#[derive(Debug)]
pub struct AgentNews {
    /// Where the journal says so.
    pub position: Position,
    /// What it says.
    pub event_type: String,
    /// Of which process.
    pub process: Name,
    /// Whose it is.
    pub agent: Name,
    /// In which session.
    pub session: Name,
    /// What the process has taken by now, as JSON.
    pub metrics: Option<String>,
}

impl Reader {
    /// The agents that are connected by a connection whose name does not begin like this, and that name.
    pub async fn connected_but(&self, prefix: String) -> Result<Vec<(Name, String)>, Fault> {
        self.query(move |connection| agents::connected_but(connection, &prefix)).await
    }

    /// What happened to processes of registered agents between two positions, in order.
    pub async fn agents_news(
        &self,
        after: Position,
        upto: Position,
    ) -> Result<Vec<AgentNews>, Fault> {
        self.query(move |connection| agents::news(connection, after, upto)).await
    }
}
