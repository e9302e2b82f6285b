//! How a node stands in its read model.

use super::state::Node;
use crate::machine::{Field, Row};
use crate::vocabulary::Timestamp;

/// The read model's table.
const TABLE: &str = "nodes";

impl Node {
    pub(super) fn as_row(&self) -> Option<Row> {
        let facts = self.facts.as_ref()?;
        let process = self.phase.process().map(ToString::to_string);
        // Numbers: it cannot fail.
        let metrics: Field = serde_json::to_string(&facts.metrics).unwrap_or_default().into();
        Some(Row {
            table: TABLE,
            columns: vec![
                ("workflow_id", facts.order.workflow_id.to_string().into()),
                ("path", facts.order.path.as_str().into()),
                ("status", self.phase.status().into()),
                ("turn", facts.turn.into()),
                ("current_process_id", process.into()),
                ("error", facts.error.clone().into()),
                ("created_at", facts.created_at.into()),
                ("completed_at", facts.ended_at.into()),
                ("metrics", metrics),
            ],
        })
    }

    /// An operator ended it.
    pub(super) fn failed_row(why: &str, now: Timestamp) -> Row {
        let columns = vec![
            ("status", "failed".into()),
            ("current_process_id", Field::Null),
            ("error", why.into()),
            ("completed_at", now.into()),
        ];
        Row { table: TABLE, columns }
    }
}
