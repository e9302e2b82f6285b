//! The schedule's machine.

use super::command::{Came, Command, Made, Refusal};
use super::effect::{Effect, Firing};
use super::event::{End, Event};
use super::spec::Spec;
use crate::machine::{Context, Machine, Row, Want};
use crate::vocabulary::{EffectKey, ScheduleId, Timestamp, Topic};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// Something that is started by the clock.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    pub(super) facts: Option<Facts>,
}

/// What is known since it was created.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Facts {
    pub(super) schedule_id: ScheduleId,
    pub(super) spec: Spec,
    pub(super) phase: Phase,
    /// Counts the waits for a next time: each has a key of its own.
    pub(super) turn: u32,
    pub(super) next: Option<Timestamp>,
    /// Counts the times at which something was to be started.
    pub(super) n: u32,
    /// What is being started.
    pub(super) firing: Option<Firing>,
    /// What was started last.
    pub(super) made: Option<Made>,
    pub(super) started: u32,
    pub(super) missed: u32,
    /// How many times in a row nothing could be started.
    pub(super) failing: u32,
    pub(super) error: Option<String>,
    /// The newest times at which something was to be started, the oldest first.
    pub(super) recent: VecDeque<Occasion>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
}

/// Whether it starts anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// At its times.
    Active,
    /// Not for the time being.
    Paused {
        /// Who wants it.
        by: String,
    },
    /// Not any more.
    Ended {
        /// Why.
        why: End,
        /// Since when.
        at: Timestamp,
    },
}

/// A time at which something was to be started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occasion {
    /// Which one, from 1.
    pub n: u32,
    /// When it was to be.
    pub due: Timestamp,
    /// When it was seen to.
    pub at: Timestamp,
    /// For how many missed times before it stands.
    pub stands_for: u32,
    /// Who wanted it, whatever the time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What came of it; `None`: it is being started.
    pub came: Option<Came>,
}

impl Occasion {
    /// So many are remembered.
    pub const MOST: usize = 10;
}

impl Facts {
    /// It is active, its only time has passed, and that was in vain: an operator has to look.
    pub(super) fn has_failed(&self) -> bool {
        self.phase == Phase::Active
            && self.next.is_none()
            && self.firing.is_none()
            && self.failing > 0
    }

    pub(super) fn status(&self) -> &'static str {
        match self.phase {
            Phase::Active if self.has_failed() => "failed",
            Phase::Active => "active",
            Phase::Paused { .. } => "paused",
            Phase::Ended { .. } => "ended",
        }
    }

    pub(super) fn due_key(&self) -> EffectKey {
        EffectKey::numbered("due", self.turn)
    }
}

impl Schedule {
    /// What it is in one word: `active`, `paused`, `failed`, `ended`; `new`: it never was.
    pub fn status(&self) -> &'static str {
        self.facts.as_ref().map_or("new", Facts::status)
    }

    /// Whether it starts anything; `None`: it never was.
    pub fn phase(&self) -> Option<&Phase> {
        self.facts.as_ref().map(|facts| &facts.phase)
    }

    /// What it is to do, and when.
    pub fn spec(&self) -> Option<&Spec> {
        self.facts.as_ref().map(|facts| &facts.spec)
    }

    /// The time it waits for.
    pub fn next(&self) -> Option<Timestamp> {
        let facts = self.facts.as_ref()?;
        facts.next.filter(|_| facts.phase == Phase::Active)
    }

    /// What is being started.
    pub fn firing(&self) -> Option<&Firing> {
        self.facts.as_ref()?.firing.as_ref()
    }

    /// The newest times at which something was to be started, the oldest first.
    pub fn recent(&self) -> impl DoubleEndedIterator<Item = &Occasion> {
        self.facts.iter().flat_map(|facts| &facts.recent)
    }

    /// Why nothing could be started, the last time; `None`: it was.
    pub fn error(&self) -> Option<&str> {
        self.facts.as_ref()?.error.as_deref()
    }
}

impl Machine for Schedule {
    const KIND: &'static str = "schedule";
    type Command = Command;
    type Event = Event;
    type Effect = Effect;
    type Refusal = Refusal;

    fn decide(&self, command: &Command, context: &Context<'_>) -> Result<Vec<Event>, Refusal> {
        self.answer(command, context)
    }

    fn apply(&mut self, event: &Event) {
        match event {
            Event::Created { schedule_id, spec, next, at } => {
                self.create(schedule_id, spec, *next, *at);
            }
            event => {
                if let Some(facts) = &mut self.facts {
                    facts.take(event);
                }
            }
        }
    }

    fn wants(&self) -> BTreeMap<EffectKey, Want<Effect>> {
        let Some(facts) = &self.facts else { return BTreeMap::new() };
        // One thing after the other: what is being started is seen to before the next time.
        let want = match (&facts.firing, facts.next) {
            (Some(firing), _) => {
                let effect = Effect::Fire(Box::new(firing.clone()));
                Some((EffectKey::numbered("fire", firing.n), Want::now(effect)))
            }
            (None, Some(next)) if facts.phase == Phase::Active => {
                let effect = Effect::Arrive { turn: facts.turn };
                Some((facts.due_key(), Want::at(next, effect)))
            }
            (None, _) => None,
        };
        want.into_iter().collect()
    }

    fn topic(event: &Event) -> Topic {
        event.topic()
    }

    fn row(&self) -> Option<Row> {
        self.as_row()
    }

    /// A time that cannot be seen to cannot be left out, either: then the next one could not be told.
    fn when_skipped(&self, key: &EffectKey, by: &str) -> Option<Command> {
        let firing = self.firing()?;
        let error = format!("{by} had its outcome skipped");
        (*key == EffectKey::numbered("fire", firing.n))
            .then_some(Command::Report { n: firing.n, came: Came::Failed { error } })
    }

    /// It goes on for as long as its times come.
    fn snapshot(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    fn recalled(snapshot: &str) -> Option<Self> {
        serde_json::from_str(snapshot).ok()
    }

    fn is_own(event_type: &str) -> bool {
        matches!(event_type, "ARRIVE" | "REPORT")
    }

    fn row_when_failed(why: &str, now: Timestamp) -> Option<Row> {
        Some(Self::failed_row(why, now))
    }
}
