//! [`Arrears`]: what parked agents have still to hear, in order, without anybody else waiting for them.

use super::command::Command;
use super::presence::tell_until_heard;
use super::state::Agent;
use crate::entity::Directory;
use crate::vocabulary::{MessageId, Name, Position};
use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

/// What one agent is to be told, because of what stands at a position.
#[derive(Debug, Clone)]
pub(super) struct Turn {
    pub(super) agent: Name,
    pub(super) position: Position,
    pub(super) id: MessageId,
    pub(super) command: Command,
}

/// What parked agents have still to hear.
#[derive(Debug, Clone, Default)]
pub(super) struct Arrears(Rc<RefCell<HashMap<Name, VecDeque<Turn>>>>);

/// How often a parked agent is tried again.
const AGAIN: Duration = Duration::from_secs(1);

impl Arrears {
    /// Tells an agent, behind what it has still to hear.
    pub(super) async fn tell(&self, agents: &Directory<Agent>, turn: Turn) {
        if let Some(waiting) = self.0.borrow_mut().get_mut(&turn.agent) {
            waiting.push_back(turn);
            return;
        }
        if !tell_until_heard(agents, &turn.agent, turn.id, turn.command.clone()).await {
            let agent = turn.agent.clone();
            self.0.borrow_mut().insert(agent.clone(), VecDeque::from([turn]));
            actix_rt::spawn(self.clone().catch_up(agents.clone(), agent));
        }
    }

    async fn catch_up(self, agents: Directory<Agent>, agent: Name) {
        while let Some(turn) = self.next(&agent) {
            if tell_until_heard(&agents, &agent, turn.id, turn.command).await {
                self.heard(&agent);
            } else {
                tokio::time::sleep(AGAIN).await;
            }
        }
    }

    fn next(&self, agent: &Name) -> Option<Turn> {
        self.0.borrow().get(agent)?.front().cloned()
    }

    fn heard(&self, agent: &Name) {
        let mut waiting = self.0.borrow_mut();
        if let Some(turns) = waiting.get_mut(agent) {
            turns.pop_front();
            if turns.is_empty() {
                waiting.remove(agent);
            }
        }
    }

    /// Up to where everybody has heard everything, of what was read up to `at`.
    pub(super) fn settled_up_to(&self, at: Position) -> Position {
        let waiting = self.0.borrow();
        let oldest = waiting.values().filter_map(|turns| turns.front()).map(|turn| turn.position);
        oldest.min().map_or(at, |oldest| oldest - 1)
    }
}
