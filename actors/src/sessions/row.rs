//! How a session stands in its read model.

use super::state::Session;
use crate::journal::home;
use crate::machine::{Field, Row};

impl Session {
    pub(super) fn as_row(&self) -> Option<Row> {
        let file = home::session_log(self.session_id.as_ref()?);
        let number = |value: u64| Field::Int(i64::try_from(value).unwrap_or(i64::MAX));
        Some(Row {
            table: "sessions",
            columns: vec![
                ("file", file.into()),
                ("line_count", number(self.line_count)),
                ("bytes", number(self.length)),
                ("agent_id", self.agent_id.as_ref().map(ToString::to_string).into()),
                ("last_active_at", self.last_active_at.into()),
            ],
        })
    }
}
