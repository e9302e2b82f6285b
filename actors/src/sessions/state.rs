//! The session's machine.

use super::command::{Command, Refusal};
use super::effect::{Effect, WriteLine};
use super::event::{Branched, Event, TurnAppended, TurnQueued, TurnSkipped};
use crate::machine::{Context, Machine, Row, Want};
use crate::vocabulary::{AgentId, EffectKey, SessionId, Timestamp, Topic};
use std::collections::{BTreeMap, VecDeque};

/// One conversation.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Session {
    /// Its name; `None` before the first turn.
    pub session_id: Option<SessionId>,
    /// Who spoke last.
    pub agent_id: Option<AgentId>,
    /// The session with which it began, and how much of its file.
    pub branch: Option<(SessionId, u64)>,
    /// How many lines the file has.
    pub line_count: u64,
    /// How long the file is, in bytes. What lies beyond has not been said.
    pub length: u64,
    /// When a turn was last queued or recorded.
    pub last_active_at: Option<Timestamp>,
    /// How many turns got no line.
    skipped: u64,
    /// Turns that wait for their line, the oldest first.
    queue: VecDeque<TurnQueued>,
}

impl Session {
    fn next(&self) -> Option<u64> {
        self.queue.front().map(|turn| turn.number)
    }

    /// The turn whose line was reported, if it is the one that is next.
    fn expect(&self, number: u64) -> Result<&TurnQueued, Refusal> {
        let turn = self.queue.front().filter(|turn| turn.number == number);
        turn.ok_or(Refusal::OutOfOrder { got: number, next: self.next() })
    }
}

fn line_key(number: u64) -> EffectKey {
    EffectKey(format!("line/{number}"))
}

impl Machine for Session {
    const KIND: &'static str = "session";
    type Command = Command;
    type Event = Event;
    type Effect = Effect;
    type Refusal = Refusal;

    fn decide(&self, command: &Command, context: &Context<'_>) -> Result<Vec<Event>, Refusal> {
        let at = context.now;
        match command {
            Command::AppendTurn { process_id, attempt, agent_id, spool } => {
                Ok(vec![Event::TurnQueued(TurnQueued {
                    session_id: SessionId(context.stream.name.clone()),
                    number: self.line_count + self.skipped + self.queue.len() as u64 + 1,
                    process_id: process_id.clone(),
                    attempt: *attempt,
                    agent_id: agent_id.clone(),
                    spool: spool.clone(),
                    at,
                })])
            }
            Command::Branch { .. } if self.session_id.is_some() => Ok(Vec::new()),
            Command::Branch { from, bytes } => Ok(vec![Event::Branched(Branched {
                session_id: SessionId(context.stream.name.clone()),
                from: from.clone(),
                bytes: *bytes,
                at,
            })]),
            Command::ReportLine { number, line, length } => {
                let TurnQueued { process_id, attempt, .. } = self.expect(*number)?;
                Ok(vec![Event::TurnAppended(TurnAppended {
                    process_id: process_id.clone(),
                    attempt: *attempt,
                    line: line.clone(),
                    length: *length,
                    at,
                })])
            }
            Command::SkipTurn { number, by } => {
                let TurnQueued { process_id, attempt, .. } = self.expect(*number)?;
                let (process_id, attempt, by) = (process_id.clone(), *attempt, by.clone());
                Ok(vec![Event::TurnSkipped(TurnSkipped { process_id, attempt, by, at })])
            }
            Command::ReportDamage { number, why } => {
                self.expect(*number)?;
                Err(Refusal::Damaged { number: *number, why: why.clone() })
            }
        }
    }

    fn apply(&mut self, event: &Event) {
        match event {
            Event::Branched(branched) => {
                self.session_id = Some(branched.session_id.clone());
                self.branch = Some((branched.from.clone(), branched.bytes));
                self.last_active_at = Some(branched.at);
            }
            Event::TurnQueued(turn) => {
                self.session_id = Some(turn.session_id.clone());
                self.agent_id = turn.agent_id.clone().or(self.agent_id.take());
                self.last_active_at = Some(turn.at);
                self.queue.push_back(turn.clone());
            }
            Event::TurnAppended(turn) => {
                self.queue.pop_front();
                self.line_count += 1;
                self.length = turn.length;
                self.last_active_at = Some(turn.at);
            }
            Event::TurnSkipped(turn) => {
                self.queue.pop_front();
                self.skipped += 1;
                self.last_active_at = Some(turn.at);
            }
        }
    }

    fn wants(&self) -> BTreeMap<EffectKey, Want<Effect>> {
        let next = self.queue.front().map(|turn| {
            let line = WriteLine {
                session_id: turn.session_id.clone(),
                turn: turn.number,
                number: self.line_count + 1,
                offset: self.length,
                spool: (*turn.spool).clone(),
            };
            (line_key(turn.number), Want::now(Effect::WriteLine(line)))
        });
        next.into_iter().collect()
    }

    fn when_skipped(&self, key: &EffectKey, by: &str) -> Option<Command> {
        let number = self.next().filter(|number| *key == line_key(*number))?;
        Some(Command::SkipTurn { number, by: by.to_owned() })
    }

    fn topic(event: &Event) -> Topic {
        event.topic()
    }

    fn row(&self) -> Option<Row> {
        self.as_row()
    }
}
