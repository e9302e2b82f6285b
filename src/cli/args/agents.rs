//! `agents`: the registry, from the command line.

use clap::{Args, Subcommand};

/// `agents`
#[derive(Clone, Debug, Subcommand)]
pub enum Agents {
    /// List agents, the newest first
    List(ListAgents),
    /// Show an agent and what waits in its mailbox
    Show {
        /// Id of the agent
        id: String,
    },
    /// Register an agent
    Register(Register),
    /// Unregister an agent; what it did stays known
    Remove {
        /// Id of the agent
        id: String,
    },
    /// Put a message into an agent's mailbox
    Message(SendMessage),
}

/// `agents list`
#[derive(Clone, Debug, Default, Args)]
pub struct ListAgents {
    /// Only those that can do this
    #[arg(long, value_name = "WORD")]
    pub capability: Option<String>,
    /// Only those in this status: inactive, active, busy or unregistered
    #[arg(long)]
    pub status: Option<String>,
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: u32,
}

/// `agents register`
#[derive(Clone, Debug, Args)]
pub struct Register {
    /// Its profile, one of config/agents
    pub profile: String,
    /// Its id [default: a fresh one]
    #[arg(long)]
    pub id: Option<String>,
    /// What people call it [default: its id]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// What it can do; may be repeated [default: what its profile says]
    #[arg(long = "capability", value_name = "WORD")]
    pub capabilities: Vec<String>,
}

/// `agents message`
#[derive(Clone, Debug, Args)]
pub struct SendMessage {
    /// Id of the agent
    pub id: String,
    /// What it says: JSON, or else text
    pub data: String,
    /// Who sends it
    #[arg(long, value_name = "ID")]
    pub from: Option<String>,
    /// The same key again gives the same message instead of a second one
    #[arg(long, value_name = "KEY")]
    pub idempotency_key: Option<String>,
}
