//! How an agent stands in its read model.

use super::state::{Agent, Status};
use crate::machine::{Field, Row};
use serde::Serialize;

/// The read model's table.
const TABLE: &str = "agents";

impl Agent {
    pub(super) fn as_row(&self) -> Option<Row> {
        let facts = self.facts.as_ref()?;
        let registration = &facts.registration;
        let session = facts.session_id.as_ref().map(ToString::to_string);
        let process = facts.running.keys().next().map(ToString::to_string);
        Some(Row {
            table: TABLE,
            columns: vec![
                ("profile", registration.profile.as_str().into()),
                ("display_name", registration.display_name.as_str().into()),
                ("status", facts.status().as_str().into()),
                ("connection", facts.connection.clone().into()),
                ("current_session_id", session.into()),
                ("current_process_id", process.into()),
                ("capabilities", json(&registration.capabilities)),
                ("permissions", json(&registration.permissions)),
                ("metrics", json(&facts.metrics)),
                ("created_at", facts.created_at.into()),
                ("last_active_at", facts.last_active_at.into()),
                ("last_letter_at", facts.last_letter_at.into()),
            ],
        })
    }

    /// An operator ended it: as good as unregistered.
    pub(super) fn failed_row() -> Row {
        let columns =
            vec![("status", Status::Unregistered.as_str().into()), ("connection", Field::Null)];
        Row { table: TABLE, columns }
    }
}

fn json(value: &impl Serialize) -> Field {
    // Strings, numbers and JSON values: it cannot fail.
    serde_json::to_string(value).unwrap_or_default().into()
}
