//! Reserving a turn's cost before it is asked for, and settling it after. Both may be done again after a crash.

use super::effect::{Ask, Turn};
use super::perform::Tools;
use super::prompt;
use super::purse::{Amount, Bill, Budget, Demand, Key, Lost, Purse, Reservation};
use super::turn::{Trouble, until_settled};
use crate::graph::Agent;
use crate::processes::{self, Asked, Estimate, Room, Terms};
use crate::sessions::Session;
use crate::vocabulary::{MessageId, NodeId, Payload, SessionId, StreamId};
use serde_json::json;
use std::rc::Rc;

/// Who keeps the sums, and who knows what calls cost.
pub(super) struct Spending {
    pub(super) purse: Rc<dyn Purse>,
    pub(super) estimate: Box<dyn Fn(&Asked<'_>) -> Estimate>,
}

impl Tools {
    /// Reserves what a turn may cost, where it stands under limits: of its shares this one. The error says why it may not be
    /// asked.
    pub(super) async fn reserve(
        &self,
        turn: &Turn,
        agent: &Agent,
        share: u32,
    ) -> Result<(), String> {
        let Some(Budget { root_id, bounds }) = &turn.order.budget else { return Ok(()) };
        // Without terms nobody is asked: that is said where its process is brought about.
        let Ok(terms) = self.terms(turn, agent) else { return Ok(()) };
        let Some(spending) = self.spending.get() else {
            return Err("nobody here keeps the sums that its limits are about".to_owned());
        };
        let amount = self.amount(spending, turn, agent, &terms).await;
        let reservation = Reservation {
            key: share_key(&turn.node_id, turn.number, share),
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
        bills: &[Bill],
    ) -> Lost {
        match (budget, self.spending.get()) {
            (Some(budget), Some(spending)) => {
                settle(&*spending.purse, budget, node, turn, bills).await
            }
            // Nothing was reserved, so nobody knows how much that was.
            _ => bills.iter().fold(Lost::NOTHING, |lost, bill| lost.plus(bill.in_vain())),
        }
    }

    /// An attempt was paid for, or may have been: its share is settled, and another one reserved before there is another
    /// attempt. Whoever is told so may have been told before.
    pub(super) async fn make_room(
        &self,
        turn: &Turn,
        agent: &Agent,
        attempts: u32,
        bills: &[Bill],
    ) -> Result<(), String> {
        let budget = turn.order.budget.as_ref();
        // One behind the other: so those before it are settled already.
        let so_far = bills.get(..attempts as usize).unwrap_or(bills);
        self.settle(budget, &turn.node_id, turn.number, so_far).await;
        let room = match self.reserve(turn, agent, attempts).await {
            Ok(()) => Room::Granted,
            Err(why) => Room::Denied { why },
        };
        until_settled(async || self.report_room(turn, attempts, &room).await).await
    }

    async fn report_room(&self, turn: &Turn, attempts: u32, room: &Room) -> Result<(), Trouble> {
        let (number, attempt) = (turn.number.to_string(), attempts.to_string());
        let parts = ["node", turn.node_id.0.as_str(), &number, "room", &attempt];
        let command = processes::Command::ReportRoom { attempts, room: room.clone() };
        let id = MessageId::derived(&parts);
        match self.processes.tell(&turn.process_id.0, id, command).await {
            Err(error) if error.is_passing() => Err(Trouble::Passing(error.to_string())),
            // Whoever refuses has been told, or has ended: that is read from its events.
            _ => Ok(()),
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

/// Settles the shares of a turn, each with its bill.
pub(super) async fn settle(
    purse: &dyn Purse,
    budget: &Budget,
    node: &NodeId,
    turn: u32,
    bills: &[Bill],
) -> Lost {
    let mut lost = Lost::NOTHING;
    for (share, bill) in (0..).zip(bills) {
        let key = share_key(node, turn, share);
        lost = lost.plus(purse.settle(&budget.root_id, key, *bill).await);
    }
    lost
}

/// What a node's turn is reserved and settled under at first.
fn reservation_key(node: &NodeId, turn: u32) -> Key {
    Key(format!("{}/{turn}", node.0))
}

/// The same of any share of it: each attempt after one that was paid for, or may have been, has another.
fn share_key(node: &NodeId, turn: u32, share: u32) -> Key {
    let Key(first) = reservation_key(node, turn);
    if share == 0 { Key(first) } else { Key(format!("{first}/{share}")) }
}

/// Whether a reservation is a share of this turn.
pub fn is_share(key: &Key, node: &NodeId, turn: u32) -> bool {
    let Key(first) = reservation_key(node, turn);
    key.0.strip_prefix(&first).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
