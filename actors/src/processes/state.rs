//! The process's machine.

use super::command::{Command, Order, Refusal};
use super::effect::{Attempt, Effect};
use super::event::Event;
use super::identity::Executor;
use super::metrics::Metrics;
use super::pinned::Pinned;
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
    /// It waits for its next attempt, for which there has to be room within its limits.
    Held {
        /// Nor before this moment.
        due: Timestamp,
    },
    /// Nobody knows what became of its attempt: an operator decides.
    Indeterminate,
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
    /// How many of those who could be asked have been given up.
    pub(super) given_up: usize,
    pub(super) retries: u32,
    pub(super) lost: u32,
    /// How many attempts brought no answer and were paid for, or may have been.
    pub(super) charged: u32,
    /// After how many of those there is room for another.
    pub(super) rooms: u32,
    pub(super) needs_room: bool,
    pub(super) metrics: Metrics,
    pub(super) error: Option<String>,
    pub(super) line: Option<Reference>,
    pub(super) created_at: Timestamp,
    pub(super) started_at: Option<Timestamp>,
    pub(super) ended_at: Option<Timestamp>,
}

impl Facts {
    fn new(process_id: &ProcessId, order: &Order, at: Timestamp) -> Self {
        let session_id = order.session_id.clone();
        Self {
            process_id: process_id.clone(),
            session_id: session_id.unwrap_or_else(|| own_session(&process_id.0)),
            order: order.clone(),
            prompt: (*order.prompt).clone(),
            is_archived: false,
            attempt: 0,
            given_up: 0,
            retries: 0,
            lost: 0,
            charged: 0,
            rooms: 0,
            needs_room: order.needs_room,
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
        let asked = self.asked();
        Attempt {
            process_id: self.process_id.clone(),
            number: self.attempt,
            prompt: self.prompt.clone(),
            pinned: self.order.pinned.clone(),
            runtime: asked.runtime,
            model: asked.model,
            session_id: self.session_id.clone(),
            agent_id: self.order.agent_id.clone(),
            profile: self.order.profile.clone(),
            workdir: self.order.workdir.clone(),
            site: self.order.site.clone(),
            timeout_s: self.order.timeout_s,
            is_started: false,
        }
    }

    /// Reports about another attempt than the current one are refused.
    pub(super) fn expect(&self, got: u32) -> Result<(), Refusal> {
        let current = self.attempt;
        if got == current { Ok(()) } else { Err(Refusal::OtherAttempt { got, current }) }
    }
}

/// The session of a process that continues no other.
pub(super) fn own_session(process: &Name) -> SessionId {
    SessionId(Name::derived(&["session", process.as_str()]))
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
            Self::Held { .. } => "HELD",
            Self::Indeterminate => "INDETERMINATE",
            Self::Dead => "DEAD",
            Self::Cancelling { .. } => "CANCELLING",
            Self::Cancelled => "CANCELLED",
        }
    }

    pub(super) fn not(&self, hint: &str) -> Refusal {
        Refusal::Not { status: self.status().into(), hint: hint.into() }
    }
}

impl Process {
    /// Where it stands.
    pub fn phase(&self) -> &Phase {
        &self.phase
    }

    fn want(&self, facts: &Facts) -> Option<(EffectKey, Effect)> {
        let number = facts.attempt;
        match &self.phase {
            Phase::Starting | Phase::Running(_) => {
                let is_started = matches!(self.phase, Phase::Running(_));
                let effect = Effect::RunAttempt(Attempt { is_started, ..facts.attempt() });
                Some((EffectKey::numbered("attempt", number), effect))
            }
            Phase::Success(spool) => {
                let effect = Effect::RecordTurn {
                    process_id: facts.process_id.clone(),
                    attempt: number,
                    session_id: facts.session_id.clone(),
                    agent_id: facts.order.agent_id.clone(),
                    spool: spool.clone(),
                    worked: facts.order.site.is_some().then(|| Box::new(facts.attempt())),
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
            Command::RefuseTurn { attempt, why } => self.refuse_turn(facts, *attempt, why, at),
            Command::RefuseFiles { attempt, why } => {
                self.refuse_files(facts, *attempt, why, context)
            }
            Command::ReportArchived { prompt } => self.report_archived(facts, prompt.as_ref()),
            Command::Cancel { by } => self.cancel(facts, by, at),
            Command::ReportStopped { attempt } => self.report_stopped(facts, *attempt, at),
            Command::ReportRoom { attempts, room } => self.report_room(facts, *attempts, room, at),
            Command::Retry { by } => self.retry(facts, by, at),
            Command::Fail { by } => self.fail(facts, by, at),
        }
    }

    fn apply(&mut self, event: &Event) {
        if let Event::Requested { process_id, order, at } = event {
            self.facts = Some(Facts::new(process_id, order, *at));
        }
        let phase = self.facts.as_mut().and_then(|facts| Self::apply_to(facts, &self.phase, event));
        if let Some(phase) = phase {
            self.phase = phase;
        }
    }

    fn wants(&self) -> BTreeMap<EffectKey, Want<Effect>> {
        let want = self.facts.as_ref().and_then(|facts| self.want(facts));
        want.map(|(key, effect)| (key, Want::now(effect))).into_iter().collect()
    }

    fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Completed | Phase::Dead | Phase::Cancelled)
    }

    fn topic(event: &Event) -> Topic {
        event.topic()
    }

    fn row(&self) -> Option<Row> {
        self.as_row()
    }

    fn held(event: &Event) -> Vec<Held> {
        match event {
            Event::Requested { order, .. } => {
                let content = std::iter::once(&order.prompt).chain(order.pinned.all());
                content.cloned().map(Held::Keep).collect()
            }
            Event::Archived { was, prompt, pinned, .. } => archived(was, prompt.as_ref(), pinned),
            _ => Vec::new(),
        }
    }

    fn row_when_abandoned(&self) -> Option<Row> {
        self.abandoned_row()
    }

    fn row_when_failed(why: &str, now: Timestamp) -> Option<Row> {
        Some(Self::failed_row(why, now))
    }
}

/// What was held for attempts is released; the prompt from where it lies now.
fn archived(was: &Reference, prompt: Option<&Durable<Reference>>, pinned: &Pinned) -> Vec<Held> {
    let moved = prompt.map(|to| Held::Moved { from: was.clone(), to: to.clone() });
    let lies = prompt.map_or(was, |prompt| prompt);
    let content = std::iter::once(lies).chain(pinned.all().map(|content| &**content));
    moved.into_iter().chain(content.cloned().map(Held::Release)).collect()
}
