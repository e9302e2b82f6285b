//! The calls of tools that a node's last answer made: how far each has come, what is still to be done, and what follows.

use super::command::{CallEnded, Called, FailureKind, Refusal, Said};
use super::effect::{Call, Effect, Told};
use super::event::{Event, Why};
use super::purse::Lost;
use super::state::{Facts, Node, Phase};
use crate::tools::shortened;
use crate::vocabulary::{EffectKey, Payload, Timestamp};

type Decided = Result<Vec<Event>, Refusal>;

/// A call that an answer made.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Calling {
    call: Called,
    progress: Progress,
}

/// How far a call has come.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Progress {
    /// It may be made, and made again.
    Open,
    /// It is made, or was; not to be made again.
    Begun,
    /// It has come to this.
    Ended { result: Payload, is_error: bool },
}

impl Calling {
    pub(super) fn new(call: &Called) -> Self {
        Self { call: call.clone(), progress: Progress::Open }
    }

    fn is_open(&self) -> bool {
        !matches!(self.progress, Progress::Ended { .. })
    }
}

/// The key of a call.
pub(super) fn call_key(turn: u32, index: u32) -> EffectKey {
    EffectKey(format!("call/{turn}/{index}"))
}

impl Facts {
    /// What the answer calls is kept with it; an answer that is the last one calls in vain.
    pub(super) fn called(
        &self,
        calls: &[Called],
        said: &Said,
        lost: Lost,
        at: Timestamp,
    ) -> Vec<Event> {
        if self.turn >= self.order.max_turns {
            return vec![self.out_of_turns(calls, said, lost, at)];
        }
        let calls = (0..).zip(calls).map(|(index, call)| Event::Called {
            node_id: self.node_id.clone(),
            workflow_id: self.order.workflow_id.clone(),
            path: self.order.path.clone(),
            turn: self.turn,
            index,
            call: call.clone(),
            at,
        });
        calls.collect()
    }

    fn out_of_turns(&self, calls: &[Called], said: &Said, lost: Lost, at: Timestamp) -> Event {
        let names: Vec<_> = calls.iter().map(|call| call.name.as_str()).collect();
        let (turn, names) = (self.turn, names.join(", "));
        let turns = if turn == 1 { "1 turn".into() } else { format!("{turn} turns") };
        let error = format!(
            "after {turns} the model still calls tools ({names}) in place of an answer: raise max_turns, or ask for less"
        );
        let metrics = self.metrics.and(said.metrics).losing(lost);
        self.fails(FailureKind::OutOfTurns, error, metrics, at)
    }

    pub(super) fn progress(&mut self, index: u32, progress: Progress) {
        if let Some(calling) = self.calls.get_mut(index as usize) {
            calling.progress = progress;
        }
    }

    /// Those that have not ended.
    pub(super) fn open_indices(&self) -> impl Iterator<Item = u32> {
        (0..).zip(&self.calls).filter(|(_, calling)| calling.is_open()).map(|(index, _)| index)
    }

    pub(super) fn open_calls(&self) -> impl Iterator<Item = (EffectKey, Effect)> {
        self.open_indices().map(|index| {
            let Calling { call, progress } = &self.calls[index as usize];
            let call = Call {
                node_id: self.node_id.clone(),
                turn: self.turn,
                index,
                order: self.order.clone(),
                call: call.clone(),
                is_begun: *progress == Progress::Begun,
            };
            (call_key(self.turn, index), Effect::CallTool(Box::new(call)))
        })
    }

    /// What all of them came to.
    pub(super) fn told(&self) -> Vec<Told> {
        let told = self.calls.iter().filter_map(|Calling { call, progress }| match progress {
            Progress::Ended { result, is_error } => {
                Some(Told { call: call.clone(), result: result.clone(), is_error: *is_error })
            }
            Progress::Open | Progress::Begun => None,
        });
        told.collect()
    }

    fn open(&self, turn: u32, index: u32) -> Result<&Calling, Refusal> {
        self.expect(turn)?;
        let calling = self.calls.get(index as usize).filter(|calling| calling.is_open());
        calling.ok_or(Refusal::NoSuchCall { turn, index })
    }

    fn lost(&self, call: &Called, index: u32, at: Timestamp) -> Event {
        let (turn, name) = (self.turn, &call.name);
        let with = match &call.arguments {
            Payload::Inline(arguments) => shortened(arguments),
            Payload::File(file) => format!("{} bytes of arguments", file.bytes),
        };
        let error = format!(
            "the tool {name} was called with {with} (turn {turn}, call {index}), and the server went before its result was known: \
             look whether it was done, and what the node should have answered"
        );
        self.fails(FailureKind::Indeterminate, error, self.metrics, at)
    }
}

impl Node {
    pub(super) fn begin_call(
        &self,
        facts: &Facts,
        turn: u32,
        index: u32,
        at: Timestamp,
    ) -> Decided {
        let calling = facts.open(turn, index)?;
        if self.phase != Phase::Calling || calling.progress != Progress::Open {
            return Err(Refusal::NoSuchCall { turn, index });
        }
        let (node_id, name) = (facts.node_id.clone(), calling.call.name.clone());
        Ok(vec![Event::CallBegun { node_id, turn, index, name, at }])
    }

    /// With the last result the model goes on.
    pub(super) fn end_call(
        &self,
        facts: &Facts,
        (turn, index): (u32, u32),
        ended: &CallEnded,
        at: Timestamp,
    ) -> Decided {
        let calling = facts.open(turn, index)?;
        if self.phase != Phase::Calling {
            return Err(Refusal::NoSuchCall { turn, index });
        }
        let name = &calling.call.name;
        let CallEnded::Done { result, is_error } = ended else {
            return Ok(vec![facts.lost(&calling.call, index, at)]);
        };
        let mut events = vec![Event::CallEnded {
            node_id: facts.node_id.clone(),
            workflow_id: facts.order.workflow_id.clone(),
            path: facts.order.path.clone(),
            turn,
            index,
            name: name.clone(),
            result: result.clone(),
            is_error: *is_error,
            at,
        }];
        if facts.open_indices().all(|open| open == index) {
            events.push(facts.ask(Why::Results, at));
        }
        Ok(events)
    }
}
