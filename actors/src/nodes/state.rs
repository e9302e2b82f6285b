//! The node's machine.

use super::calls::{Calling, call_key};
use super::command::{CallEnded, Command, Ended, FailureKind, Order, Refusal};
use super::effect::{Ask, Effect, Turn};
use super::event::{Event, Why};
use super::metrics::Metrics;
use crate::machine::{Context, Held, Machine, Row, Want};
use crate::vocabulary::{
    EffectKey, Name, NodeId, Payload, ProcessId, Reference, SessionId, Timestamp, Topic,
};
use std::collections::BTreeMap;

/// A running agent node of a workflow.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Node {
    pub(super) phase: Phase,
    pub(super) facts: Option<Facts>,
}

/// Where it stands.
#[derive(Debug, Default, Clone, PartialEq)]
pub enum Phase {
    /// It does not exist yet.
    #[default]
    New,
    /// The model is asked.
    Asking(Question),
    /// Tools are called, in parallel.
    Calling,
    /// The turn's process is being stopped.
    Cancelling {
        /// Which process.
        process_id: ProcessId,
        /// Who wanted it.
        by: String,
    },
    /// It has its output.
    Completed,
    /// It has ended without one.
    Failed(FailureKind),
    /// It has ended without one because somebody wanted it so.
    Cancelled,
}

/// What the model is asked now.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// By this process.
    pub process_id: ProcessId,
    /// For this reason.
    pub why: Why,
}

/// What is known in every phase but the first.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Facts {
    pub(super) node_id: NodeId,
    pub(super) order: Order,
    /// The current turn, or the last.
    pub(super) turn: u32,
    /// The conversation, once the first answer has come.
    pub(super) session_id: Option<SessionId>,
    /// What was wrong with the last answer.
    pub(super) violations: Option<String>,
    /// What the last answer calls.
    pub(super) calls: Vec<Calling>,
    pub(super) metrics: Metrics,
    pub(super) error: Option<String>,
    pub(super) created_at: Timestamp,
    pub(super) ended_at: Option<Timestamp>,
}

impl Facts {
    fn new(node_id: &NodeId, order: &Order, at: Timestamp) -> Self {
        Self {
            node_id: node_id.clone(),
            order: order.clone(),
            turn: 0,
            session_id: order.session_id.clone(),
            violations: None,
            calls: Vec::new(),
            metrics: Metrics::default(),
            error: None,
            created_at: at,
            ended_at: None,
        }
    }

    /// Reports about another turn than the current one are refused.
    pub(super) fn expect(&self, got: u32) -> Result<(), Refusal> {
        let current = self.turn;
        if got == current { Ok(()) } else { Err(Refusal::OtherTurn { got, current }) }
    }

    pub(super) fn asked(&self) -> Reference {
        (*self.order.asked).clone()
    }

    /// How the next turn begins.
    pub(super) fn ask(&self, why: Why, at: Timestamp) -> Event {
        let (node_id, turn) = (self.node_id.clone(), self.turn + 1);
        let process_id = process_of(&node_id.0, turn);
        Event::Asked { node_id, turn, process_id, why, at }
    }

    fn turn(&self, question: &Question) -> Turn {
        let ask = match question.why {
            Why::First => Ask::Work,
            Why::Mend => Ask::Mend { violations: self.violations.clone().unwrap_or_default() },
            Why::Results => Ask::Results(self.told()),
        };
        Turn {
            node_id: self.node_id.clone(),
            number: self.turn,
            process_id: question.process_id.clone(),
            order: self.order.clone(),
            session_id: self.session_id.clone(),
            ask,
        }
    }
}

/// The process of a node's turn: derived, so that whoever begins the turn again gets the same.
pub fn process_of(node: &Name, turn: u32) -> ProcessId {
    ProcessId(Name::derived(&["turn", node.as_str(), &turn.to_string()]))
}

impl Phase {
    /// Its name in tables and answers.
    pub fn status(&self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Asking(_) => "running",
            Self::Calling => "calling",
            Self::Cancelling { .. } => "cancelling",
            Self::Completed => "completed",
            Self::Failed(_) => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    pub(super) fn not(&self, hint: &str) -> Refusal {
        Refusal::Not { status: self.status().into(), hint: hint.into() }
    }

    /// The process that is at work for it.
    pub(super) fn process(&self) -> Option<&ProcessId> {
        match self {
            Self::Asking(Question { process_id, .. }) | Self::Cancelling { process_id, .. } => {
                Some(process_id)
            }
            Self::New | Self::Calling | Self::Completed | Self::Failed(_) | Self::Cancelled => None,
        }
    }
}

impl Node {
    /// Where it stands.
    pub fn phase(&self) -> &Phase {
        &self.phase
    }

    fn open_work(&self, facts: &Facts) -> Vec<(EffectKey, Effect)> {
        let number = facts.turn;
        match &self.phase {
            Phase::Asking(question) => {
                let effect = Effect::RunTurn(Box::new(facts.turn(question)));
                vec![(turn_key(number), effect)]
            }
            Phase::Calling => facts.open_calls().collect(),
            Phase::Cancelling { process_id, by } => {
                let (node_id, process_id) = (facts.node_id.clone(), process_id.clone());
                let (budget, by) = (facts.order.budget.clone(), by.clone());
                let effect = Effect::StopTurn { node_id, turn: number, process_id, budget, by };
                vec![(cancel_key(number), effect)]
            }
            Phase::New | Phase::Completed | Phase::Failed(_) | Phase::Cancelled => Vec::new(),
        }
    }
}

/// Content of a call, which is kept for good, as a session's lines are.
fn kept(payload: &Payload) -> Vec<Held> {
    payload.file().cloned().map(Held::Keep).into_iter().collect()
}

pub(super) fn turn_key(number: u32) -> EffectKey {
    EffectKey::numbered("turn", number)
}

pub(super) fn cancel_key(number: u32) -> EffectKey {
    EffectKey::numbered("cancel", number)
}

impl Machine for Node {
    const KIND: &'static str = "node";
    type Command = Command;
    type Event = Event;
    type Effect = Effect;
    type Refusal = Refusal;

    fn decide(&self, command: &Command, context: &Context<'_>) -> Result<Vec<Event>, Refusal> {
        self.answer(command, context)
    }

    fn apply(&mut self, event: &Event) {
        if let Event::Started { node_id, order, at } = event {
            self.facts = Some(Facts::new(node_id, order, *at));
        }
        if let Some(facts) = &mut self.facts {
            self.phase = Self::fold(facts, std::mem::take(&mut self.phase), event);
        }
    }

    fn wants(&self) -> BTreeMap<EffectKey, Want<Effect>> {
        let open = self.facts.iter().flat_map(|facts| self.open_work(facts));
        open.map(|(key, effect)| (key, Want::now(effect))).collect()
    }

    fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Completed | Phase::Failed(_) | Phase::Cancelled)
    }

    fn topic(event: &Event) -> Topic {
        event.topic()
    }

    fn row(&self) -> Option<Row> {
        self.as_row()
    }

    fn held(event: &Event) -> Vec<Held> {
        match event {
            Event::Started { order, .. } => vec![Held::Keep(order.asked.clone())],
            Event::Completed { output, asked, .. } => {
                let output = output.file().cloned().map(Held::Keep);
                output.into_iter().chain([Held::Release(asked.clone())]).collect()
            }
            Event::Failed { asked, .. } | Event::Cancelled { asked, .. } => {
                vec![Held::Release(asked.clone())]
            }
            Event::Called { call, .. } => kept(&call.arguments),
            Event::CallEnded { result, .. } => kept(result),
            Event::Asked { .. }
            | Event::Answered { .. }
            | Event::CallBegun { .. }
            | Event::Cancelling { .. } => Vec::new(),
        }
    }

    fn when_skipped(&self, key: &EffectKey, by: &str) -> Option<Command> {
        let facts = self.facts.as_ref()?;
        let turn = facts.turn;
        if *key == turn_key(turn) {
            return Some(Command::skip(turn, by));
        }
        if let Some(index) = facts.open_indices().find(|index| *key == call_key(turn, *index)) {
            let result = Payload::Inline(format!("{by} had its result skipped").into());
            let ended = CallEnded::Done { result, is_error: true };
            return Some(Command::EndCall { turn, index, ended });
        }
        (*key == cancel_key(turn)).then_some(Command::ReportStopped {
            turn,
            paid: None,
            lost: super::Lost::default(),
        })
    }

    /// What a turn or a call came to stands in its events, and may be long.
    fn is_said_by(command: &Command, events: &[Event]) -> bool {
        let has = |is_it: fn(&Event) -> bool| events.iter().any(is_it);
        match command {
            Command::EndTurn { ended, .. } => match **ended {
                Ended::Answered { .. } => has(|event| matches!(event, Event::Completed { .. })),
                Ended::Called { .. } => has(|event| matches!(event, Event::Called { .. })),
                Ended::Misfit { .. } | Ended::Failed { .. } => false,
            },
            Command::EndCall { .. } => has(|event| matches!(event, Event::CallEnded { .. })),
            _ => false,
        }
    }

    fn row_when_failed(why: &str, now: Timestamp) -> Option<Row> {
        Some(Self::failed_row(why, now))
    }
}
