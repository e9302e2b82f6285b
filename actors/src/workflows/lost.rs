//! A call that may have been made, and whose result is lost: it is not made again by itself, so a person is asked. It is a
//! question like any other; what may be answered is its result, that it is made again, or that it has failed.
//!
//! ```text
//! begun ─ the server goes ─► asked ─► {"result": …}: the node is done with it
//!                                  ├► {"again": true}: another attempt, which is another call
//!                                  ╰► {"fail": true}: the node fails as `indeterminate`: `on_error`, or a failed run
//! ```

use super::budget::Asker;
use super::event::Event;
use super::item::{Failure, Interrupt, ItemId};
use super::state::Facts;
use crate::nodes::Metrics;
use crate::vocabulary::Timestamp;
use serde_json::{Value, json};

/// The kind of a failure of what may have been done, or not.
pub(super) const INDETERMINATE: &str = "indeterminate";

/// What may be answered.
fn schema() -> Value {
    json!({
        "type": "object",
        "properties": { "result": {}, "again": { "const": true }, "fail": { "const": true } },
        "additionalProperties": false,
        "minProperties": 1,
        "maxProperties": 1,
        "examples": [{ "result": "what it gave" }, { "again": true }, { "fail": true }],
    })
}

impl Facts {
    /// Whether a person is asked what has become of it. Nobody is for a run that is going to fail anyway.
    pub(super) fn asks_about(&self, failure: &Failure) -> bool {
        failure.kind == INDETERMINATE && self.failure.is_none() && !self.is_replay()
    }

    fn is_replay(&self) -> bool {
        self.order.manner.recording.is_some()
    }

    pub(super) fn ask_about_lost(
        &self,
        item: &ItemId,
        failure: &Failure,
        spent: Metrics,
        at: Timestamp,
    ) -> Event {
        let workflow_id = self.workflow_id.clone();
        let interrupt = Interrupt {
            interrupt_id: item.lost_call(&workflow_id),
            asker: Asker::Item(item.clone()),
            question: failure.error.clone(),
            answer: Some(schema()),
            at,
            deadline: None,
            is_lost_call: true,
        };
        Event::Interrupted { workflow_id, interrupt: Box::new(interrupt), spent }
    }

    /// What follows when somebody says what has become of it. The answer fits its schema.
    pub(super) fn decide_lost(
        &self,
        asked: &Interrupt,
        item: &ItemId,
        (answer, by): (&Value, &str),
        at: Timestamp,
    ) -> Vec<Event> {
        let (workflow_id, interrupt_id) = (self.workflow_id.clone(), asked.interrupt_id.clone());
        let (item, by) = (item.clone(), by.to_owned());
        if let Some(result) = answer.get("result") {
            let answer = result.clone();
            return vec![Event::Answered { workflow_id, interrupt_id, item, answer, by, at }];
        }
        let is_again = answer.get("again").is_some();
        let id = workflow_id.clone();
        let decided = Event::CallDecided {
            workflow_id: id,
            interrupt_id,
            item: item.clone(),
            is_again,
            by,
            at,
        };
        let failure = Failure::new(INDETERMINATE, asked.question.clone());
        let mut events = vec![decided];
        if is_again {
            let (item, spent) = (ItemId { attempt: item.attempt + 1, ..item }, Metrics::default());
            events.push(Event::NodeRetry { workflow_id, item, failure, spent, due: at });
        } else {
            events.extend(self.fail_for_good(&item, &failure, Metrics::default(), None, at));
        }
        events
    }
}
