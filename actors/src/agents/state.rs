//! The agent's machine.

use super::command::{Command, Refusal, Registration};
use super::effect::Effect;
use super::event::Event;
use super::metrics::Metrics;
use crate::machine::{Context, Machine, Row, Want};
use crate::vocabulary::{AgentId, EffectKey, ProcessId, SessionId, Timestamp, Topic};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One registered identity.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Agent {
    pub(super) facts: Option<Facts>,
}

/// What it is at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It never was registered.
    New,
    /// It is registered, and nobody speaks for it.
    Inactive,
    /// A connection speaks for it.
    Active,
    /// A process runs on its behalf.
    Busy,
    /// It was registered once.
    Unregistered,
}

/// What is known since it was first registered.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Facts {
    pub(super) agent_id: AgentId,
    pub(super) registration: Registration,
    pub(super) is_registered: bool,
    pub(super) connection: Option<String>,
    /// The processes that run on its behalf.
    pub(super) running: BTreeMap<ProcessId, SessionId>,
    /// The conversation it last spoke in.
    pub(super) session_id: Option<SessionId>,
    pub(super) metrics: Metrics,
    pub(super) created_at: Timestamp,
    pub(super) last_active_at: Option<Timestamp>,
    /// When the newest message came into its mailbox.
    pub(super) last_letter_at: Option<Timestamp>,
}

impl Status {
    /// Its name in tables and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Inactive => "inactive",
            Self::Active => "active",
            Self::Busy => "busy",
            Self::Unregistered => "unregistered",
        }
    }
}

impl Facts {
    fn new(agent_id: &AgentId, registration: &Registration, at: Timestamp) -> Self {
        Self {
            agent_id: agent_id.clone(),
            registration: registration.clone(),
            is_registered: true,
            connection: None,
            running: BTreeMap::new(),
            session_id: None,
            metrics: Metrics::default(),
            created_at: at,
            last_active_at: None,
            last_letter_at: None,
        }
    }

    pub(super) fn status(&self) -> Status {
        if !self.is_registered {
            Status::Unregistered
        } else if !self.running.is_empty() {
            Status::Busy
        } else if self.connection.is_some() {
            Status::Active
        } else {
            Status::Inactive
        }
    }

    fn take(&mut self, event: &Event) {
        match event {
            Event::Registered { registration, .. } => {
                self.registration = registration.clone();
                self.is_registered = true;
            }
            Event::Updated { changes, .. } => changes.apply_to(&mut self.registration),
            Event::Unregistered { .. } => self.is_registered = false,
            Event::Connected { connection, at, .. } => {
                self.connection = Some(connection.clone());
                self.last_active_at = Some(*at);
            }
            Event::Disconnected { at, .. } => {
                self.connection = None;
                self.last_active_at = Some(*at);
            }
            Event::ProcessBegun { process_id, session_id, at, .. } => {
                self.running.insert(process_id.clone(), session_id.clone());
                self.session_id = Some(session_id.clone());
                self.last_active_at = Some(*at);
            }
            Event::ProcessEnded { process_id, outcome, at, .. } => {
                self.running.remove(process_id);
                self.metrics.add(*outcome);
                self.last_active_at = Some(*at);
            }
            Event::Messaged { at, .. } => self.last_letter_at = Some(*at),
            Event::StateChanged { .. } => {}
        }
    }
}

impl Agent {
    /// What it is now.
    pub fn status(&self) -> Status {
        self.facts.as_ref().map_or(Status::New, Facts::status)
    }

    /// What its processes took.
    pub fn metrics(&self) -> Metrics {
        self.facts.as_ref().map(|facts| facts.metrics).unwrap_or_default()
    }
}

impl Machine for Agent {
    const KIND: &'static str = "agent";
    type Command = Command;
    type Event = Event;
    type Effect = Effect;
    type Refusal = Refusal;

    fn decide(&self, command: &Command, context: &Context<'_>) -> Result<Vec<Event>, Refusal> {
        let events = self.answer(command, context)?;
        Ok(self.with_state_change(events, context))
    }

    fn apply(&mut self, event: &Event) {
        match (&mut self.facts, event) {
            (None, Event::Registered { agent_id, registration, at }) => {
                self.facts = Some(Facts::new(agent_id, registration, *at));
            }
            (None, _) => {}
            (Some(facts), event) => facts.take(event),
        }
    }

    fn wants(&self) -> BTreeMap<EffectKey, Want<Effect>> {
        BTreeMap::new()
    }

    fn topic(event: &Event) -> Topic {
        event.topic()
    }

    fn row(&self) -> Option<Row> {
        self.as_row()
    }

    fn row_when_failed(_why: &str, _now: Timestamp) -> Option<Row> {
        Some(Self::failed_row())
    }
}
