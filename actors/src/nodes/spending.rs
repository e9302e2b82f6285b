//! Reserving a turn's cost before it is asked for, and settling it after. Both may be done again after a crash.

use super::effect::{Ask, Turn};
use super::perform::Tools;
use super::prompt;
use super::purse::{Amount, Bill, Budget, Demand, Key, Lost, Purse, Reservation};
use crate::graph::Agent;
use crate::processes::{Asked, Estimate, Terms};
use crate::sessions::Session;
use crate::vocabulary::{NodeId, Payload, SessionId, StreamId};
use serde_json::json;
use std::rc::Rc;

/// Who keeps the sums, and who knows what calls cost.
pub(super) struct Spending {
    pub(super) purse: Rc<dyn Purse>,
    pub(super) estimate: Box<dyn Fn(&Asked<'_>) -> Estimate>,
}

impl Tools {
    /// Reserves what a turn may cost, where it stands under limits; the error says why it may not be asked.
    pub(super) async fn reserve(&self, turn: &Turn, agent: &Agent) -> Result<(), String> {
        let Some(Budget { root_id, bounds }) = &turn.order.budget else { return Ok(()) };
        // Without terms nobody is asked: that is said where its process is brought about.
        let Ok(terms) = self.terms(turn, agent) else { return Ok(()) };
        let Some(spending) = self.spending.get() else {
            return Err("nobody here keeps the sums that its limits are about".to_owned());
        };
        let amount = self.amount(spending, turn, agent, &terms).await;
        let reservation = Reservation {
            key: reservation_key(&turn.node_id, turn.number),
            path: turn.order.path.clone(),
            bounds: bounds.clone(),
            demand: Demand::Call(amount),
        };
        spending.purse.reserve(root_id, reservation).await.map(drop)
    }

    /// Says what came of a turn; what was lost of it comes back.
    pub(super) async fn settle(
        &self,
        budget: Option<&Budget>,
        node: &NodeId,
        turn: u32,
        bill: Bill,
    ) -> Lost {
        match (budget, self.spending.get()) {
            (Some(budget), Some(spending)) => {
                spending.purse.settle(&budget.root_id, reservation_key(node, turn), bill).await
            }
            // Nothing was reserved, so nobody knows how much that was.
            _ => Lost { attempts: bill.lost, ..Lost::default() },
        }
    }

    async fn amount(
        &self,
        spending: &Spending,
        turn: &Turn,
        agent: &Agent,
        terms: &Terms,
    ) -> Amount {
        let history_bytes = match &turn.session_id {
            Some(session) => self.bytes_of(session).await,
            None => 0,
        };
        let prompt = prompt::of(&turn.ask, agent);
        let first = Asked {
            runtime: &terms.runtime,
            model: &terms.model,
            prompt: &prompt,
            system: agent.system.as_deref(),
            profile: agent.profile.as_deref(),
            history_bytes,
            results_bytes: results_bytes(&turn.ask),
            tools_bytes: self.tools_bytes(agent),
        };
        let others = terms.fallbacks.iter();
        let others =
            others.map(|other| Asked { runtime: &other.runtime, model: &other.model, ..first });
        let first = (spending.estimate)(&first);
        let dearest = others.fold(first, |most, other| most.or_dearer((spending.estimate)(&other)));
        let Estimate { tokens, usd } = dearest;
        Amount { turns: 1, tokens, usd }
    }

    fn tools_bytes(&self, agent: &Agent) -> u64 {
        let given = self.toolset.list().into_iter().filter(|tool| agent.tools.contains(&tool.name));
        given.map(|tool| json!(tool).to_string().len() as u64).sum()
    }

    /// How long a conversation is; one that cannot be read counts nothing: it is an estimate.
    async fn bytes_of(&self, session: &SessionId) -> u64 {
        let stream =
            StreamId { kind: <Session as crate::machine::Machine>::KIND, name: session.0.clone() };
        let row = self.journal().reader().row("sessions", stream).await.ok().flatten();
        row.and_then(|row| row.get("bytes")?.as_u64()).unwrap_or(0)
    }
}

fn results_bytes(ask: &Ask) -> Option<u64> {
    let Ask::Results(told) = ask else { return None };
    let bytes = told.iter().map(|told| match &told.result {
        Payload::Inline(value) => value.to_string().len() as u64,
        Payload::File(file) => file.bytes,
    });
    Some(bytes.sum())
}

/// What a node's turn is reserved and settled under.
pub fn reservation_key(node: &NodeId, turn: u32) -> Key {
    Key(format!("{}/{turn}", node.0))
}
