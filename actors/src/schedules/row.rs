//! How a schedule stands in its read model.

use super::state::{Facts, Phase, Schedule};
use crate::machine::{Field, Row};
use crate::vocabulary::Timestamp;
use serde::Serialize;

/// The read model's table.
const TABLE: &str = "schedules";

impl Schedule {
    pub(super) fn as_row(&self) -> Option<Row> {
        let facts = self.facts.as_ref()?;
        let spec = &facts.spec;
        let last = facts.recent.back().map(|occasion| occasion.at);
        Some(Row {
            table: TABLE,
            columns: vec![
                ("status", facts.status().into()),
                ("timing", json(&spec.timing)),
                ("starts", spec.start.in_words().into()),
                ("missed", spec.missed.as_str().into()),
                ("next_at", self.next().into()),
                ("last_at", last.into()),
                ("last", facts.made.as_ref().map_or(Field::Null, json)),
                ("started", facts.started.into()),
                ("missed_times", facts.missed.into()),
                ("failing", facts.failing.into()),
                ("error", facts.error.clone().into()),
                ("created_at", facts.created_at.into()),
                ("updated_at", facts.updated_at.into()),
                ("ended_at", facts.ended_at().into()),
            ],
        })
    }

    /// An operator ended it.
    pub(super) fn failed_row(why: &str, now: Timestamp) -> Row {
        let columns = vec![
            ("status", "ended".into()),
            ("next_at", Field::Null),
            ("failing", Field::Int(0)),
            ("error", why.into()),
            ("ended_at", now.into()),
        ];
        Row { table: TABLE, columns }
    }
}

impl Facts {
    fn ended_at(&self) -> Option<Timestamp> {
        match self.phase {
            Phase::Ended { at, .. } => Some(at),
            Phase::Active | Phase::Paused { .. } => None,
        }
    }
}

fn json(value: &impl Serialize) -> Field {
    // Names, moments and texts: it cannot fail.
    serde_json::to_string(value).unwrap_or_default().into()
}
