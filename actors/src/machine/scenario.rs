//! Tests for machines, in three words: given what happened, when this is asked, then that follows.
//! Every command and event also goes through its stored form and back.

use super::{Context, Machine, Want, tagged};
use crate::vocabulary::{EffectKey, MessageId, Name, StreamId, Timestamp};
use serde::{Serialize, de::DeserializeOwned};
use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt::Debug;

/// A machine with a past.
#[derive(Debug)]
pub struct Scenario<M: Machine> {
    machine: M,
    stream: StreamId,
    now: Timestamp,
}

/// What came of a command.
#[derive(Debug)]
pub struct Outcome<M: Machine> {
    /// The machine after what came of it.
    pub scenario: Scenario<M>,
    /// What was decided.
    pub result: Result<Vec<M::Event>, M::Refusal>,
}

impl<M: Machine> Scenario<M> {
    /// A machine to which these events have happened.
    ///
    /// # Panics
    /// If an event does not survive being stored.
    pub fn given(events: impl IntoIterator<Item = M::Event>) -> Self {
        let mut machine = M::default();
        for event in events {
            machine.apply(&stored(&event));
        }
        let name = "it".parse::<Name>().expect("a valid name");
        Self { machine, stream: StreamId { kind: M::KIND, name }, now: Timestamp(0) }
    }

    /// The same, at this moment.
    pub fn at(mut self, now: Timestamp) -> Self {
        self.now = now;
        self
    }

    /// The state.
    pub fn state(&self) -> &M {
        &self.machine
    }

    /// The open work.
    pub fn wants(&self) -> BTreeMap<EffectKey, Want<M::Effect>> {
        self.machine.wants()
    }

    /// Asks for something; what follows happens to the machine.
    ///
    /// # Panics
    /// If the command does not survive being stored.
    pub fn when(mut self, command: impl Borrow<M::Command>) -> Outcome<M> {
        let command: M::Command = stored(command.borrow());
        let message_id = MessageId::derived(&["scenario"]);
        let context = Context { stream: &self.stream, message_id, now: self.now };
        let result = self.machine.decide(&command, &context);
        for event in result.iter().flatten() {
            self.machine.apply(&stored(event));
        }
        Outcome { scenario: self, result }
    }
}

impl<M: Machine> Outcome<M> {
    /// Exactly these events follow.
    ///
    /// # Panics
    /// If others follow.
    #[track_caller]
    pub fn then(self, events: impl IntoIterator<Item = M::Event>) -> Scenario<M> {
        let expected: Vec<M::Event> = events.into_iter().collect();
        let got = self.result.unwrap_or_else(|refusal| panic!("refused: {refusal}"));
        assert_eq!(format!("{got:#?}"), format!("{expected:#?}"));
        self.scenario
    }

    /// It is refused, with these words.
    ///
    /// # Panics
    /// If it is not.
    #[track_caller]
    pub fn refused(self, words: &str) -> Scenario<M> {
        let refusal = self.result.expect_err("it was not refused");
        assert_eq!(refusal.to_string(), words);
        self.scenario
    }
}

/// What comes back when a value has been stored and read.
fn stored<T: Serialize + DeserializeOwned + Debug>(value: &T) -> T {
    let tagged = tagged::split(value).expect("a storable value");
    let back: T = tagged::join(&tagged.event_type, tagged.data.get()).expect("a readable value");
    assert_eq!(format!("{back:?}"), format!("{value:?}"), "storing changed it");
    back
}
