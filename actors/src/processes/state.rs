//! The process's machine.

use super::command::{Command, Ended, ErrorKind, Order, Refusal};
use super::effect::{Attempt, Effect};
use super::event::{Event, FailureKind, Metrics, Summary};
use super::identity::Executor;
use crate::machine::{Context, Held, Machine, Row, Want};
use crate::vocabulary::{
    Durable, EffectKey, Name, ProcessId, Reference, SessionId, Timestamp, Topic,
};
use std::collections::BTreeMap;

/// One spawned model call.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Process {
    pub(super) phase: Phase,
    pub(super) facts: Option<Facts>,
}

/// Where it stands.
#[derive(Debug, Default, Clone, PartialEq)]
pub enum Phase {
    /// It does not exist yet.
    #[default]
    New,
    /// It waits for its turn.
    Pending,
    /// Its attempt is being started.
    Starting,
    /// Its attempt has this executor.
    Running(Executor),
    /// Its answer lies here.
    Success(Durable<Reference>),
    /// Its answer stands in the session's file.
    Completed,
    /// It waits for its next attempt.
    Retry {
        /// Not before this moment.
        due: Timestamp,
    },
    /// It has ended without an answer.
    Dead,
    /// Its executor is being stopped.
    Cancelling {
        /// Who wanted it.
        by: String,
    },
    /// It has ended because somebody wanted it so.
    Cancelled,
}

/// What is known in every phase but the first.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Facts {
    pub(super) process_id: ProcessId,
    pub(super) session_id: SessionId,
    pub(super) order: Order,
    /// Where the prompt lies now.
    pub(super) prompt: Reference,
    pub(super) is_archived: bool,
    /// The current attempt, or the last; 0: none yet.
    pub(super) attempt: u32,
    pub(super) retries: u32,
    pub(super) lost: u32,
    pub(super) metrics: Metrics,
    pub(super) error: Option<String>,
    pub(super) line: Option<Reference>,
    pub(super) created_at: Timestamp,
    pub(super) started_at: Option<Timestamp>,
    pub(super) ended_at: Option<Timestamp>,
}

impl Facts {
    fn new(process_id: &ProcessId, session_id: &SessionId, order: &Order, at: Timestamp) -> Self {
        Self {
            process_id: process_id.clone(),
            session_id: session_id.clone(),
            order: order.clone(),
            prompt: (*order.prompt).clone(),
            is_archived: false,
            attempt: 0,
            retries: 0,
            lost: 0,
            metrics: Metrics::default(),
            error: None,
            line: None,
            created_at: at,
            started_at: None,
            ended_at: None,
        }
    }

    pub(super) fn has_metrics(&self) -> bool {
        self.metrics != Metrics::default()
    }

    fn attempt(&self) -> Attempt {
        Attempt {
            process_id: self.process_id.clone(),
            number: self.attempt,
            prompt: self.prompt.clone(),
            runtime: self.order.runtime.clone(),
            model: self.order.model.clone(),
            session_id: self.session_id.clone(),
            agent_id: self.order.agent_id.clone(),
            timeout_s: self.order.timeout_s,
        }
    }

    /// Reports about another attempt than the current one are refused.
    fn expect(&self, got: u32) -> Result<(), Refusal> {
        let current = self.attempt;
        if got == current { Ok(()) } else { Err(Refusal::OtherAttempt { got, current }) }
    }
}

impl Phase {
    /// Its name in tables and answers.
    pub fn status(&self) -> &'static str {
        match self {
            Self::New => "NEW",
            Self::Pending => "PENDING",
            Self::Starting => "STARTING",
            Self::Running(_) => "RUNNING",
            Self::Success(_) => "SUCCESS",
            Self::Completed => "COMPLETED",
            Self::Retry { .. } => "RETRY",
            Self::Dead => "DEAD",
            Self::Cancelling { .. } => "CANCELLING",
            Self::Cancelled => "CANCELLED",
        }
    }

    fn not(&self, hint: &str) -> Refusal {
        Refusal::Not { status: self.status().into(), hint: hint.into() }
    }
}

impl Process {
    /// Where it stands.
    pub fn phase(&self) -> &Phase {
        &self.phase
    }

    fn spawn(&self, order: &Order, context: &Context<'_>) -> Result<Vec<Event>, Refusal> {
        if self.phase != Phase::New {
            return Err(Refusal::Exists);
        }
        let name = &context.stream.name;
        let session_id = order.session_id.clone();
        let own = || SessionId(Name::derived(&["session", name.as_str()]));
        Ok(vec![Event::Requested {
            process_id: ProcessId(name.clone()),
            session_id: session_id.unwrap_or_else(own),
            order: order.clone(),
            at: context.now,
        }])
    }

    fn admit(&self, facts: &Facts, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        match self.phase {
            Phase::Pending | Phase::Retry { .. } => Ok(vec![Event::Admitted {
                process_id: facts.process_id.clone(),
                attempt: facts.attempt + 1,
                at,
            }]),
            _ => Err(self.phase.not("only a queued process is admitted")),
        }
    }

    fn report_started(
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

    fn end_attempt(
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
        let (kind, error, wait) = match ended {
            Ended::Answered { spool, metrics } => {
                let (spool, metrics) = (spool.clone(), *metrics);
                return Ok(vec![Event::Answered { process_id, attempt, spool, metrics, at }]);
            }
            Ended::Failed { kind, error, retry_after_ms } => {
                (FailureKind::from(*kind), error, *retry_after_ms)
            }
            Ended::Lost { why } => (FailureKind::Lost, why, None),
        };
        let failed = Event::Failed { process_id, attempt, kind, error: error.clone(), at };
        Ok(vec![failed, after_failure(facts, kind, error, wait, context)])
    }

    fn record_turn(
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

    fn cancel(&self, facts: &Facts, by: &str, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        let (process_id, by) = (facts.process_id.clone(), by.to_owned());
        match self.phase {
            Phase::Pending | Phase::Retry { .. } => {
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

    fn report_stopped(
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

    fn retry(&self, facts: &Facts, by: &str, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        let hint = match self.phase {
            Phase::Dead => {
                let (process_id, by) = (facts.process_id.clone(), by.to_owned());
                return Ok(vec![Event::Redriven { process_id, by, at }]);
            }
            Phase::Completed | Phase::Cancelled => "spawn a new one to ask again",
            _ => "only a dead process can be redriven, and this one is still at work",
        };
        Err(self.phase.not(hint))
    }

    fn report_archived(
        &self,
        facts: &Facts,
        prompt: Option<&Durable<Reference>>,
    ) -> Result<Vec<Event>, Refusal> {
        if !matches!(self.phase, Phase::Completed | Phase::Cancelled) {
            return Err(self.phase.not("its prompt is still needed"));
        }
        let process_id = facts.process_id.clone();
        Ok(vec![Event::Archived { process_id, prompt: prompt.cloned() }])
    }

    fn apply_to(facts: &mut Facts, event: &Event) -> Option<Phase> {
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
            Event::Failed { kind, error, .. } => {
                facts.error = Some(error.clone());
                match kind {
                    FailureKind::Lost => facts.lost += 1,
                    FailureKind::Passing | FailureKind::TimedOut => facts.retries += 1,
                    FailureKind::Final => {}
                }
                None
            }
            _ => Self::apply_end(facts, event),
        }
    }

    fn apply_end(facts: &mut Facts, event: &Event) -> Option<Phase> {
        match event {
            Event::RetryScheduled { due, .. } => Some(Phase::Retry { due: *due }),
            Event::Died { at, .. } => {
                // `retries` counts what was tried again; the last failure was not.
                facts.retries = facts.retries.min(facts.order.retry.max_retries);
                facts.ended_at = Some(*at);
                Some(Phase::Dead)
            }
            Event::Redriven { .. } => {
                (facts.retries, facts.lost, facts.ended_at) = (0, 0, None);
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

    fn want(&self, facts: &Facts) -> Option<(EffectKey, Effect)> {
        let number = facts.attempt;
        match &self.phase {
            Phase::Starting | Phase::Running(_) => {
                let effect = Effect::RunAttempt(facts.attempt());
                Some((EffectKey::numbered("attempt", number), effect))
            }
            Phase::Success(spool) => {
                let effect = Effect::RecordTurn {
                    process_id: facts.process_id.clone(),
                    attempt: number,
                    session_id: facts.session_id.clone(),
                    agent_id: facts.order.agent_id.clone(),
                    spool: spool.clone(),
                };
                Some((EffectKey::numbered("turn", number), effect))
            }
            Phase::Cancelling { .. } => {
                let effect = Effect::StopAttempt(facts.attempt());
                Some((EffectKey::numbered("stop", number), effect))
            }
            Phase::Completed | Phase::Cancelled if !facts.is_archived => {
                let (process_id, prompt) = (facts.process_id.clone(), facts.prompt.clone());
                let effect = Effect::Archive { process_id, prompt, attempt: number };
                Some((EffectKey::from("archive"), effect))
            }
            _ => None,
        }
    }
}

/// What follows a failure: another attempt, or the end.
fn after_failure(
    facts: &Facts,
    kind: FailureKind,
    error: &str,
    retry_after_ms: Option<u64>,
    context: &Context<'_>,
) -> Event {
    let (process_id, policy) = (facts.process_id.clone(), &facts.order.retry);
    let died = |why| Event::Died { process_id: process_id.clone(), why, at: context.now };
    let retry = |due| Event::RetryScheduled { process_id: process_id.clone(), due };
    match kind {
        FailureKind::Final => died(format!("no retry can mend this: {error}")),
        FailureKind::Lost if facts.lost < policy.max_lost => retry(context.now),
        FailureKind::Lost => died(format!("{} attempts were lost", facts.lost + 1)),
        FailureKind::Passing | FailureKind::TimedOut if facts.retries < policy.max_retries => {
            let number = facts.retries + 1;
            let now = context.now;
            retry(policy.due(context.stream, facts.attempt, number, retry_after_ms, now))
        }
        FailureKind::Passing | FailureKind::TimedOut => {
            died(format!("{} attempts failed, the last with: {error}", facts.retries + 1))
        }
    }
}

impl Machine for Process {
    const KIND: &'static str = "process";
    type Command = Command;
    type Event = Event;
    type Effect = Effect;
    type Refusal = Refusal;

    fn decide(&self, command: &Command, context: &Context<'_>) -> Result<Vec<Event>, Refusal> {
        if let Command::Spawn(order) = command {
            return self.spawn(order, context);
        }
        let facts = self.facts.as_ref().ok_or(Refusal::Unknown)?;
        let at = context.now;
        match command {
            Command::Spawn(_) => Err(Refusal::Exists),
            Command::Admit => self.admit(facts, at),
            Command::ReportStarted { attempt, executor } => {
                self.report_started(facts, *attempt, executor, at)
            }
            Command::EndAttempt { attempt, ended } => {
                self.end_attempt(facts, *attempt, ended, context)
            }
            Command::RecordTurn { attempt, line } => self.record_turn(facts, *attempt, line, at),
            Command::ReportArchived { prompt } => self.report_archived(facts, prompt.as_ref()),
            Command::Cancel { by } => self.cancel(facts, by, at),
            Command::ReportStopped { attempt } => self.report_stopped(facts, *attempt, at),
            Command::Retry { by } => self.retry(facts, by, at),
        }
    }

    fn apply(&mut self, event: &Event) {
        if let Event::Requested { process_id, session_id, order, at } = event {
            self.facts = Some(Facts::new(process_id, session_id, order, *at));
        }
        let phase = self.facts.as_mut().and_then(|facts| Self::apply_to(facts, event));
        if let Some(phase) = phase {
            self.phase = phase;
        }
    }

    fn wants(&self) -> BTreeMap<EffectKey, Want<Effect>> {
        let want = self.facts.as_ref().and_then(|facts| self.want(facts));
        want.map(|(key, effect)| (key, Want::now(effect))).into_iter().collect()
    }

    fn topic(event: &Event) -> Topic {
        event.topic()
    }

    fn row(&self) -> Option<Row> {
        self.as_row()
    }

    fn held(event: &Event) -> Vec<Held> {
        match event {
            Event::Requested { order, .. } => vec![Held::Keep((*order.prompt).clone())],
            Event::Archived { prompt: Some(prompt), .. } => {
                vec![Held::Moved((**prompt).clone()), Held::Release(prompt.hash.clone())]
            }
            _ => Vec::new(),
        }
    }

    fn row_when_failed(why: &str, now: Timestamp) -> Option<Row> {
        Some(Self::failed_row(why, now))
    }
}

/// An outcome that only passes through.
impl Ended {
    /// A failure that another attempt may mend.
    pub fn passing(error: impl Into<String>) -> Self {
        Self::Failed { kind: ErrorKind::Passing, error: error.into(), retry_after_ms: None }
    }
}
