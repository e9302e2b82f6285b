//! What an event makes of what is known.

use super::event::{Event, FailureKind};
use super::state::{Facts, Phase, Process};

impl Process {
    pub(super) fn apply_to(facts: &mut Facts, before: &Phase, event: &Event) -> Option<Phase> {
        match event {
            Event::Requested { .. } => Some(Phase::Pending),
            Event::Admitted { attempt, at, .. } => {
                facts.attempt = *attempt;
                facts.started_at = facts.started_at.or(Some(*at));
                Some(Phase::Starting)
            }
            Event::Started { executor, .. } => Some(Phase::Running(executor.clone())),
            Event::Answered { spool, metrics, .. } => {
                facts.metrics = *metrics;
                facts.error = None;
                Some(Phase::Success(spool.clone()))
            }
            Event::Completed { line, at, .. } => {
                facts.line = Some((**line).clone());
                facts.ended_at = Some(*at);
                Some(Phase::Completed)
            }
            Event::Failed { kind, error, charge, .. } => {
                facts.error = Some(error.clone());
                facts.charged += u32::from(!charge.is_nothing());
                match kind {
                    FailureKind::Lost => facts.lost += 1,
                    FailureKind::Passing | FailureKind::TimedOut => facts.retries += 1,
                    FailureKind::Final | FailureKind::Unable | FailureKind::NotBegun => {}
                }
                None
            }
            _ => Self::apply_end(facts, before, event),
        }
    }

    fn apply_end(facts: &mut Facts, before: &Phase, event: &Event) -> Option<Phase> {
        match event {
            Event::RetryScheduled { due, .. } => {
                if matches!(before, Phase::Held { .. }) {
                    facts.rooms = facts.charged;
                }
                Some(Phase::Retry { due: *due })
            }
            Event::Held { due, .. } => Some(Phase::Held { due: *due }),
            Event::Died { at, .. } => {
                // `retries` counts what was tried again; the last failure was not.
                facts.retries = facts.retries.min(facts.order.retry.max_retries);
                facts.ended_at = Some(*at);
                Some(Phase::Dead)
            }
            Event::FellBack { .. } => {
                (facts.given_up, facts.retries) = (facts.given_up + 1, 0);
                Some(Phase::Pending)
            }
            Event::Indeterminate { .. } => Some(Phase::Indeterminate),
            Event::Redriven { .. } => {
                // Of one that had died everybody has heard: nobody would say that there is room for it.
                facts.needs_room &= facts.ended_at.is_none();
                (facts.given_up, facts.retries, facts.lost) = (0, 0, 0);
                facts.ended_at = None;
                Some(Phase::Pending)
            }
            Event::Cancelling { by, .. } => Some(Phase::Cancelling { by: by.clone() }),
            Event::Cancelled { at, .. } => {
                facts.ended_at = Some(*at);
                Some(Phase::Cancelled)
            }
            Event::Archived { prompt, .. } => {
                facts.is_archived = true;
                if let Some(prompt) = prompt {
                    facts.prompt = (**prompt).clone();
                }
                None
            }
            _ => None,
        }
    }
}
