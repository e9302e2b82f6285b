//! What a process answers to what it is asked, state by state.

use super::charge::{Charge, Told};
use super::command::{Ended, OnLost, Order, Refusal};
use super::event::{Event, FailureKind};
use super::identity::Executor;
use super::metrics::{Metrics, Summary};
use super::state::{Facts, Phase, Process, own_session};
use crate::journal::home;
use crate::machine::Context;
use crate::vocabulary::{Durable, ProcessId, Reference, Timestamp};

impl Process {
    pub(super) fn spawn(
        &self,
        order: &Order,
        context: &Context<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        if self.phase != Phase::New {
            return Err(Refusal::Exists);
        }
        if let Some(session) = order.session_id.as_ref().filter(|id| home::is_reserved(id)) {
            return Err(Refusal::ReservedSession(session.clone()));
        }
        let name = &context.stream.name;
        let mut order = order.clone();
        order.session_id.get_or_insert_with(|| own_session(name));
        let process_id = ProcessId(name.clone());
        Ok(vec![Event::Requested { process_id, order, at: context.now }])
    }

    pub(super) fn admit(&self, facts: &Facts, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        match self.phase {
            Phase::Pending | Phase::Retry { .. } => Ok(vec![Event::Admitted {
                process_id: facts.process_id.clone(),
                attempt: facts.attempt + 1,
                at,
            }]),
            _ => Err(self.phase.not("only a queued process is admitted")),
        }
    }

    pub(super) fn report_started(
        &self,
        facts: &Facts,
        attempt: u32,
        executor: &Executor,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        facts.expect(attempt)?;
        match &self.phase {
            Phase::Starting => Ok(vec![Event::Started {
                process_id: facts.process_id.clone(),
                attempt,
                executor: executor.clone(),
                at,
            }]),
            // An executor that was adopted says again what is known.
            Phase::Running(known) if known == executor => Ok(Vec::new()),
            phase => Err(phase.not("no attempt is being started")),
        }
    }

    pub(super) fn end_attempt(
        &self,
        facts: &Facts,
        attempt: u32,
        ended: &Ended,
        context: &Context<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        facts.expect(attempt)?;
        if !matches!(self.phase, Phase::Starting | Phase::Running(_)) {
            return Err(self.phase.not("no attempt is under way"));
        }
        let (process_id, at) = (facts.process_id.clone(), context.now);
        let (kind, error, wait, charge) = match ended {
            Ended::Answered { spool, metrics } => {
                let (spool, metrics) = (spool.clone(), *metrics);
                return Ok(vec![Event::Answered { process_id, attempt, spool, metrics, at }]);
            }
            Ended::Failed { kind, error, retry_after_ms, charge } => {
                (FailureKind::from(*kind), error.as_str(), *retry_after_ms, *charge)
            }
            Ended::Lost { why } => (FailureKind::Lost, why.as_str(), None, Charge::Unknown),
            Ended::NotBegun { why } => (
                FailureKind::NotBegun,
                why.as_deref().unwrap_or(NOT_BEGUN),
                why.as_ref().map(|_| 0),
                Charge::Nothing,
            ),
        };
        // Nobody is let go before that is on record.
        let charge = if self.phase == Phase::Starting { Charge::Nothing } else { charge };
        let failed = Event::Failed { process_id, attempt, kind, error: error.into(), charge, at };
        let next = after_failure(facts, kind, error, wait, context);
        Ok(std::iter::once(failed).chain(facts.with_room(next, charge)).collect())
    }

    pub(super) fn record_turn(
        &self,
        facts: &Facts,
        attempt: u32,
        line: &Durable<Reference>,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        facts.expect(attempt)?;
        if !matches!(self.phase, Phase::Success(_)) {
            return Err(self.phase.not("no answer waits for its turn"));
        }
        let Metrics { tokens_in, tokens_out, cost_usd, duration_ms } = facts.metrics;
        Ok(vec![Event::Completed {
            process_id: facts.process_id.clone(),
            session_id: facts.session_id.clone(),
            response_file: line.file.clone(),
            response_line: line.line.unwrap_or(0),
            line: line.clone(),
            summary: Summary {
                tokens: tokens_in + tokens_out,
                cost: cost_usd,
                duration_ms,
                success: true,
            },
            at,
        }])
    }

    /// The answer stays where it is: it is not said in the session, but it has been paid for.
    pub(super) fn refuse_turn(
        &self,
        facts: &Facts,
        attempt: u32,
        why: &str,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        facts.expect(attempt)?;
        let Phase::Success(spool) = &self.phase else {
            return Err(self.phase.not("no answer waits for its turn"));
        };
        let (process_id, session) = (facts.process_id.clone(), &facts.session_id);
        let error = format!(
            "session {session} does not take the answer ({why}); the answer is kept in {}",
            spool.file
        );
        let kind = FailureKind::Final;
        let failed = Event::Failed {
            process_id: process_id.clone(),
            attempt,
            kind,
            error: error.clone(),
            // Its answer is on record, with what it took.
            charge: Charge::Nothing,
            at,
        };
        Ok(vec![failed, Event::Died { process_id, why: error, at }])
    }

    /// Its answer has been paid for, but what it speaks of has not been done: it is tried again.
    pub(super) fn refuse_files(
        &self,
        facts: &Facts,
        attempt: u32,
        why: &str,
        context: &Context<'_>,
    ) -> Result<Vec<Event>, Refusal> {
        facts.expect(attempt)?;
        if !matches!(self.phase, Phase::Success(_)) {
            return Err(self.phase.not("no answer waits for its turn"));
        }
        let Metrics { tokens_in, tokens_out, cost_usd, .. } = facts.metrics;
        let charge = Charge::Told(Told { tokens_in, tokens_out, cost_usd });
        let (process_id, kind) = (facts.process_id.clone(), FailureKind::Passing);
        let error = format!("what it did to files was not taken over: {why}");
        let next = after_failure(facts, kind, &error, None, context);
        let failed = Event::Failed { process_id, attempt, kind, error, charge, at: context.now };
        Ok(std::iter::once(failed).chain(facts.with_room(next, charge)).collect())
    }

    pub(super) fn cancel(
        &self,
        facts: &Facts,
        by: &str,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let (process_id, by) = (facts.process_id.clone(), by.to_owned());
        match self.phase {
            Phase::Pending | Phase::Retry { .. } | Phase::Held { .. } | Phase::Indeterminate => {
                Ok(vec![Event::Cancelled { process_id, by, at }])
            }
            Phase::Starting | Phase::Running(_) => {
                Ok(vec![Event::Cancelling { process_id, by, at }])
            }
            Phase::Cancelling { .. } | Phase::Cancelled => Ok(Vec::new()),
            Phase::Dead => Err(self.phase.not("it has ended already")),
            Phase::New | Phase::Success(_) | Phase::Completed => {
                Err(self.phase.not("it has its answer already"))
            }
        }
    }

    pub(super) fn report_stopped(
        &self,
        facts: &Facts,
        attempt: u32,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        facts.expect(attempt)?;
        let Phase::Cancelling { by } = &self.phase else {
            return Err(self.phase.not("nobody wanted it to stop"));
        };
        let (process_id, by) = (facts.process_id.clone(), by.clone());
        Ok(vec![Event::Cancelled { process_id, by, at }])
    }

    pub(super) fn retry(
        &self,
        facts: &Facts,
        by: &str,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let hint = match self.phase {
            Phase::Dead | Phase::Indeterminate => {
                let (process_id, by) = (facts.process_id.clone(), by.to_owned());
                let redriven = Event::Redriven { process_id, by, at };
                return Ok(std::iter::once(redriven).chain(self.held_anew(facts, at)).collect());
            }
            Phase::Completed | Phase::Cancelled => "spawn a new one to ask again",
            _ => {
                "only a dead process, or one whose outcome is unknown, can be redriven, and this one is still at work"
            }
        };
        Err(self.phase.not(hint))
    }

    pub(super) fn fail(
        &self,
        facts: &Facts,
        by: &str,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let hint = match self.phase {
            Phase::Indeterminate => {
                let process_id = facts.process_id.clone();
                let why = format!("{by} took its lost attempt for failed");
                return Ok(vec![Event::Died { process_id, why, at }]);
            }
            Phase::Dead | Phase::Completed | Phase::Cancelled => "it has ended already",
            _ => "only one whose outcome is unknown can be failed: cancel this one",
        };
        Err(self.phase.not(hint))
    }

    pub(super) fn report_archived(
        &self,
        facts: &Facts,
        prompt: Option<&Durable<Reference>>,
    ) -> Result<Vec<Event>, Refusal> {
        if !matches!(self.phase, Phase::Completed | Phase::Cancelled) {
            return Err(self.phase.not("its prompt is still needed"));
        }
        let (process_id, was) = (facts.process_id.clone(), facts.prompt.clone());
        let (prompt, pinned) = (prompt.cloned(), facts.order.pinned.clone());
        Ok(vec![Event::Archived { process_id, was, prompt, pinned }])
    }
}

const NOT_BEGUN: &str = "the server went before it was begun: nobody was asked";

/// What follows a failure: another attempt, somebody else, the end, or a question.
fn after_failure(
    facts: &Facts,
    kind: FailureKind,
    error: &str,
    retry_after_ms: Option<u64>,
    context: &Context<'_>,
) -> Event {
    let (process_id, policy) = (facts.process_id.clone(), &facts.order.retry);
    let died = |why| Event::Died { process_id: process_id.clone(), why, at: context.now };
    let given_up = |why| give_up(facts, why, context.now);
    let retry = |due| Event::RetryScheduled { process_id: process_id.clone(), due };
    match kind {
        FailureKind::Final => died(format!("no retry can mend this: {error}")),
        FailureKind::Unable => given_up(format!("no retry can mend this: {error}")),
        // What stood in the way may stand there for long: each time it is waited longer for it to go.
        FailureKind::NotBegun if retry_after_ms.is_some() => retry(policy.due(
            context.stream,
            facts.attempt,
            facts.attempt,
            retry_after_ms,
            context.now,
        )),
        FailureKind::NotBegun => retry(context.now),
        FailureKind::Lost if facts.asked().on_lost == OnLost::Ask => {
            let (attempt, why) = (facts.attempt, error.to_owned());
            Event::Indeterminate { process_id, attempt, why, at: context.now }
        }
        FailureKind::Lost if facts.lost < policy.max_lost => {
            retry(policy.due_after_loss(context.stream, facts.attempt, facts.lost, context.now))
        }
        FailureKind::Lost => died(format!("{} lost", attempts(facts.lost + 1))),
        FailureKind::Passing | FailureKind::TimedOut if facts.retries < policy.max_retries => {
            let number = facts.retries + 1;
            let now = context.now;
            retry(policy.due(context.stream, facts.attempt, number, retry_after_ms, now))
        }
        FailureKind::Passing | FailureKind::TimedOut => {
            given_up(format!("{} failed, the last with: {error}", attempts(facts.retries + 1)))
        }
    }
}

/// Whoever was asked is asked no more: the next one is; or nobody.
fn give_up(facts: &Facts, why: String, at: Timestamp) -> Event {
    let process_id = facts.process_id.clone();
    match facts.next_asked() {
        Some(to) => Event::FellBack { process_id, to, why, at },
        None => Event::Died { process_id, why, at },
    }
}

fn attempts(number: u32) -> String {
    if number == 1 { "1 attempt".to_owned() } else { format!("{number} attempts") }
}
