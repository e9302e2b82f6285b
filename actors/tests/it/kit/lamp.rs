//! A lamp: counts, wants things, and breaks on demand.

use callboard_actors::machine::{Context, Machine, Row, Want};
use callboard_actors::vocabulary::{EffectKey, Timestamp, Topic};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::collections::BTreeMap;

use super::How;

thread_local! {
    /// Whether the program has the bug on which [`Command::Break`] hits. A new program may not have it.
    pub(crate) static BROKEN: Cell<bool> = const { Cell::new(true) };
}

/// The lamps' read model.
pub(crate) const TABLE: &str = "CREATE TABLE IF NOT EXISTS lamps (
    stream INTEGER PRIMARY KEY, id TEXT NOT NULL, light INTEGER NOT NULL, wanted INTEGER NOT NULL,
    error TEXT, failed_at INTEGER) STRICT";

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Command {
    /// Refused where it would get darker than dark.
    Turn {
        by: i64,
    },
    Look,
    Want {
        key: EffectKey,
        how: How,
        due: Option<Timestamp>,
    },
    Forget {
        key: EffectKey,
    },
    /// News of an effect that goes on.
    Flicker {
        key: EffectKey,
    },
    /// The outcome of an effect: ends its wish, or does not, or wants another at once.
    Report {
        key: EffectKey,
        ends: bool,
        then: Option<EffectKey>,
    },
    Break {
        spot: Spot,
    },
}

/// Where a broken program panics, or does worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Spot {
    Decide,
    Apply,
    Wants,
    Row,
    Topic,
    /// A read-model row for a table that does not exist.
    Table,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Event {
    Turned { by: i64 },
    Wanted { key: EffectKey, how: How, due: Option<Timestamp> },
    Forgotten { key: EffectKey },
    Flickered { key: EffectKey },
    Broke { spot: Spot },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("it has only {light} left")]
pub(crate) struct Dark {
    pub(crate) light: i64,
}

#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Lamp {
    pub(crate) light: i64,
    wanted: BTreeMap<EffectKey, (How, Option<Timestamp>)>,
    broke: Vec<Spot>,
}

impl Lamp {
    /// Whether the bug is hit here.
    fn is_broken(&self, spot: Spot) -> bool {
        BROKEN.get() && self.broke.contains(&spot)
    }
}

impl Machine for Lamp {
    const KIND: &'static str = "lamp";
    type Command = Command;
    type Event = Event;
    type Effect = How;
    type Refusal = Dark;

    fn decide(&self, command: &Command, _: &Context<'_>) -> Result<Vec<Event>, Dark> {
        Ok(match command.clone() {
            Command::Turn { by } if self.light + by < 0 => return Err(Dark { light: self.light }),
            Command::Turn { by } => vec![Event::Turned { by }],
            Command::Want { key, how, due } => vec![Event::Wanted { key, how, due }],
            Command::Forget { key } => vec![Event::Forgotten { key }],
            Command::Flicker { key } => vec![Event::Flickered { key }],
            Command::Look | Command::Report { ends: false, .. } => vec![],
            Command::Report { key, then, .. } => {
                let next = then.map(|key| Event::Wanted { key, how: How::AtOnce, due: None });
                [Event::Forgotten { key }].into_iter().chain(next).collect()
            }
            Command::Break { spot: Spot::Decide } if BROKEN.get() => panic!("broken in decide"),
            Command::Break { spot } => vec![Event::Broke { spot }],
        })
    }

    fn apply(&mut self, event: &Event) {
        match event.clone() {
            Event::Turned { by } => self.light += by,
            Event::Wanted { key, how, due } => drop(self.wanted.insert(key, (how, due))),
            Event::Forgotten { key } => drop(self.wanted.remove(&key)),
            Event::Flickered { .. } => {}
            Event::Broke { spot } => self.broke.push(spot),
        }
        assert!(!self.is_broken(Spot::Apply), "broken in apply");
    }

    fn wants(&self) -> BTreeMap<EffectKey, Want<How>> {
        assert!(!self.is_broken(Spot::Wants), "broken in wants");
        let want = |(how, due): &(How, Option<Timestamp>)| Want { effect: *how, due: *due };
        self.wanted.iter().map(|(key, wanted)| (key.clone(), want(wanted))).collect()
    }

    /// It has burnt out.
    fn is_over(&self) -> bool {
        self.light >= 1_000_000
    }

    fn topic(event: &Event) -> Topic {
        assert!(!BROKEN.get() || *event != (Event::Broke { spot: Spot::Topic }), "broken in topic");
        match event {
            Event::Turned { .. } => Topic::of("lamp.turned"),
            _ => Topic::of("lamp.other"),
        }
    }

    fn row(&self) -> Option<Row> {
        assert!(!self.is_broken(Spot::Row), "broken in row");
        let table = if self.is_broken(Spot::Table) { "no_such_table" } else { "lamps" };
        let wanted = i64::try_from(self.wanted.len()).unwrap();
        let columns = vec![("light", self.light.into()), ("wanted", wanted.into())];
        Some(Row { table, columns })
    }

    fn row_when_failed(why: &str, now: Timestamp) -> Option<Row> {
        Some(Row {
            table: "lamps",
            columns: vec![("error", why.into()), ("failed_at", now.into())],
        })
    }
}
