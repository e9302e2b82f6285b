//! [`Follower`]: tells agents what becomes of the processes that run on their behalf.
//!
//! Processes do not know agents (no arrow goes up): this service reads on in the journal, tells each
//! agent under an id that follows from the process's event, and then marks how far it has come. A crash
//! in between tells again, and the agent has heard it before. An agent that is parked hears it when it is
//! resumed ([`Arrears`]); until then the mark stays behind.

use super::arrears::{Arrears, Turn};
use super::command::{Command, Outcome};
use super::presence::{Life, disconnect};
use super::state::Agent;
use crate::entity::Directory;
use crate::journal::{AgentNews, Entry, Fault};
use crate::processes::Metrics;
use crate::supervision::{Lifeline, Shutdown};
use crate::vocabulary::{MessageId, Position, ProcessId, SessionId};
use actix::{Actor, ActorContext, AsyncContext, Context, Handler, WrapFuture};
use std::time::Duration;

/// The service that follows processes on behalf of agents.
pub struct Follower {
    agents: Directory<Agent>,
    life: Life,
    _lifeline: Lifeline,
}

/// How far it has come, in the journal's ledger.
const MARK: &str = "agents_followed";
/// So many positions are looked at in one go.
const STEP: i64 = 10_000;
/// Where nothing concerned an agent, the mark is written only every so many positions.
const MARK_EVERY: i64 = 10_000;
/// How long it waits after a fault.
const AFTER_FAULT: Duration = Duration::from_millis(250);

impl Follower {
    /// A service for these agents, in this life of the server.
    pub fn new(agents: Directory<Agent>, life: Life, lifeline: Lifeline) -> Self {
        Self { agents, life, _lifeline: lifeline }
    }
}

/// Goes on for as long as the service lives: after the head, and after faults.
async fn follow(agents: Directory<Agent>, life: Life) {
    persist(|| hang_up(&agents, &life)).await;
    let journal = agents.journal();
    let mut marked = persist(|| journal.mark(MARK)).await;
    // A restored journal may end before the mark.
    let mut at = marked.min(journal.feed().head());
    let arrears = Arrears::default();
    let mut head = journal.feed().watch();
    while head.wait_for(|head| *head > at).await.is_ok() {
        let upto = journal.feed().head().min(at + STEP);
        let turns = persist(|| turns_between(&agents, at, upto)).await;
        let told = turns.len();
        for turn in turns {
            arrears.tell(&agents, turn).await;
        }
        at = upto;
        let safe = arrears.settled_up_to(at);
        if safe > marked && (told > 0 || safe - marked >= MARK_EVERY) {
            persist(|| journal.enter(Entry::Mark { key: MARK, position: safe })).await;
            marked = safe;
        }
    }
}

/// Does something until there is no fault.
async fn persist<T, F: Future<Output = Result<T, Fault>>>(work: impl Fn() -> F) -> T {
    loop {
        match work().await {
            Ok(value) => return value,
            Err(fault) => tracing::warn!(%fault, "agents could not be told: trying again"),
        }
        tokio::time::sleep(AFTER_FAULT).await;
    }
}

/// Ends the connections of former lives: nobody is connected to a server that is no more.
async fn hang_up(agents: &Directory<Agent>, life: &Life) -> Result<(), Fault> {
    let prefix = life.prefix();
    let connected = agents.journal().reader().connected_but(prefix).await?;
    for (agent, connection) in connected {
        disconnect(agents, &agent, connection, "its server ended").await;
    }
    Ok(())
}

/// What agents are to be told of what happened between two positions, in order.
async fn turns_between(
    agents: &Directory<Agent>,
    after: Position,
    upto: Position,
) -> Result<Vec<Turn>, Fault> {
    let news = agents.journal().reader().agents_news(after, upto).await?;
    Ok(news.into_iter().map(turn).collect())
}

fn turn(news: AgentNews) -> Turn {
    let AgentNews { position, event_type, process, agent, session, metrics } = news;
    let id = MessageId::derived(&["agent", process.as_str(), &event_type, &position.to_string()]);
    let process_id = ProcessId(process);
    let command = match outcome(&event_type, metrics.as_deref()) {
        Some(outcome) => Command::EndProcess { process_id, outcome },
        None => Command::BeginProcess { process_id, session_id: SessionId(session) },
    };
    Turn { agent, position, id, command }
}

/// How a process came out; `None`: it has begun.
fn outcome(event_type: &str, metrics: Option<&str>) -> Option<Outcome> {
    let metrics: Metrics =
        metrics.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    let Metrics { tokens_in, tokens_out, cost_usd, duration_ms } = metrics;
    match event_type {
        "SPAWN_ADMITTED" => None,
        "SPAWN_RETRY" => Some(Outcome::Waiting),
        "SPAWN_COMPLETE" => {
            Some(Outcome::Completed { tokens_in, tokens_out, cost_usd, duration_ms })
        }
        "SPAWN_INDETERMINATE" => Some(Outcome::Unknown),
        "SPAWN_CANCELLED" => Some(Outcome::Cancelled),
        _ => Some(Outcome::Failed),
    }
}

impl Actor for Follower {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.spawn(follow(self.agents.clone(), self.life.clone()).into_actor(self));
    }
}

impl Handler<Shutdown> for Follower {
    type Result = ();

    fn handle(&mut self, _: Shutdown, ctx: &mut Self::Context) {
        ctx.stop();
    }
}
