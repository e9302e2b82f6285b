//! What follows when a person says how much more is granted, or none.

use super::desk::Desk;
use super::fact::Fact;
use super::question::{Asks, LimitId, Said};
use crate::vocabulary::{Name, Timestamp};
use crate::workflows::checkpoint::{Next, Spec};
use crate::workflows::command::Refusal;
use crate::workflows::event::{Ending, Event};
use crate::workflows::item::Failure;
use crate::workflows::state::Facts;
use crate::workflows::undo::Undo;
use serde_json::Value;
use std::collections::BTreeMap;

impl Facts {
    pub(in crate::workflows) fn answer_limit(
        &self,
        interrupt_id: &Name,
        limit: &LimitId,
        answer: &Value,
        by: &str,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let said = serde_json::from_value(answer.clone());
        let said = said.map_err(|error| Refusal::BadAnswer(error.to_string()))?;
        let (interrupt_id, bound, by) = (interrupt_id.clone(), limit.bound.clone(), by.to_owned());
        let mut desk = Desk::new(self, at);
        let is_granted = match said {
            Said::Grant { grant } => {
                desk.note(Fact::Granted { interrupt_id, bound, grant, by });
                true
            }
            Said::Stop { .. } => {
                desk.note(Fact::Stopped { interrupt_id, bound, by });
                false
            }
        };
        desk.look_again();
        let mut events = desk.events();
        match (limit.asks, is_granted) {
            (Asks::Reservations, _) | (Asks::Seconds, true) => {}
            (Asks::Steps, true) => events.extend(self.nodes_that_waited(at)),
            (Asks::Steps, false) => return Ok(self.fail(events, None, &self.reached("steps"), at)),
            (Asks::Seconds, false) => {
                let failure = self.reached("seconds");
                let then = Ending::Undo(Undo::after(None, &failure));
                events.extend(self.stop("limits", &then, at));
            }
        }
        Ok(events)
    }

    /// The nodes of the step that was held begin.
    fn nodes_that_waited(&self, at: Timestamp) -> Vec<Event> {
        let nodes = self.visits.iter().map(|(node, visit)| (node.clone(), visit.spec.clone()));
        let nodes: BTreeMap<String, Spec> = nodes.collect();
        let next = Next { nodes, ..Next::default() };
        Event::nodes_started(&self.workflow_id, &self.order.definition, self.step, &next, at)
    }

    fn reached(&self, what: &str) -> Failure {
        Failure::new(
            "limit",
            format!(
                "{}, and nobody granted more: {}",
                self.pace_reached(what),
                self.pace_anew(what)
            ),
        )
    }
}
