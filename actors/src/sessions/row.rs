//! How a session stands in its read model.

use super::state::Session;
use crate::journal::home;
use crate::machine::{Field, Row};

impl Session {
    pub(super) fn as_row(&self) -> Option<Row> {
        let file = home::session_log(self.session_id.as_ref()?);
        let number = |value: u64| Field::Int(i64::try_from(value).unwrap_or(i64::MAX));
        let branch = self.branch.as_ref();
        Some(Row {
            table: "sessions",
            columns: vec![
                ("file", file.into()),
                ("line_count", number(self.line_count)),
                ("bytes", number(self.length)),
                ("branched_from", branch.map(|(from, _)| from.to_string()).into()),
                ("branched_bytes", branch.map_or(Field::Null, |(_, bytes)| number(*bytes))),
                ("agent_id", self.agent_id.as_ref().map(ToString::to_string).into()),
                ("last_active_at", self.last_active_at.into()),
            ],
        })
    }
}
