//! What an event makes of what is known.

use super::calls::{Calling, Progress};
use super::event::Event;
use super::state::{Facts, Node, Phase, Question};

impl Node {
    /// Where the node stands after an event.
    pub(super) fn fold(facts: &mut Facts, before: Phase, event: &Event) -> Phase {
        match event {
            Event::Started { .. } => before,
            Event::Asked { turn, process_id, why, .. } => {
                facts.turn = *turn;
                Phase::Asking(Question { process_id: process_id.clone(), why: *why })
            }
            Event::Answered { session_id, violations, metrics, lost, .. } => {
                facts.session_id = Some(session_id.clone());
                facts.violations.clone_from(violations);
                facts.calls.clear();
                facts.metrics = facts.metrics.and(*metrics).losing(*lost);
                before
            }
            Event::Called { call, .. } => {
                facts.calls.push(Calling::new(call));
                Phase::Calling
            }
            Event::CallBegun { index, .. } => {
                facts.progress(*index, Progress::Begun);
                before
            }
            Event::CallEnded { index, result, is_error, .. } => {
                let (result, is_error) = (result.clone(), *is_error);
                facts.progress(*index, Progress::Ended { result, is_error });
                before
            }
            Event::Cancelling { by, .. } => match before.process().cloned() {
                Some(process_id) => Phase::Cancelling { process_id, by: by.clone() },
                // Nothing is at work: it cannot be stopped.
                None => before,
            },
            Event::Completed { metrics, at, .. } => {
                (facts.metrics, facts.ended_at) = (*metrics, Some(*at));
                Phase::Completed
            }
            Event::Failed { kind, error, metrics, at, .. } => {
                (facts.metrics, facts.ended_at) = (*metrics, Some(*at));
                facts.error = Some(error.clone());
                Phase::Failed(*kind)
            }
            Event::Cancelled { metrics, at, .. } => {
                (facts.metrics, facts.ended_at) = (*metrics, Some(*at));
                Phase::Cancelled
            }
        }
    }
}
