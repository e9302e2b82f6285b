//! How a process stands in its read model.

use super::state::{Phase, Process};
use crate::machine::{Field, Row};
use crate::vocabulary::Timestamp;

impl Process {
    pub(super) fn as_row(&self) -> Option<Row> {
        let facts = self.facts.as_ref()?;
        let (order, asked) = (&facts.order, facts.asked());
        let text = |value: &dyn ToString| Field::Text(value.to_string());
        let line = facts.line.as_ref();
        let due = match self.phase {
            Phase::Retry { due } | Phase::Held { due } => Some(due),
            _ => None,
        };
        let metrics = serde_json::to_string(&facts.metrics).ok();
        Some(Row {
            table: "processes",
            columns: vec![
                ("workflow_id", order.workflow_id.as_ref().map(|id| text(id)).into_field()),
                ("agent_id", order.agent_id.as_ref().map(|id| text(id)).into_field()),
                ("session_id", text(&facts.session_id)),
                ("status", self.phase.status().into()),
                ("runtime", asked.runtime.into()),
                ("model", asked.model.into()),
                ("priority", Field::Int(i64::from(order.priority))),
                ("prompt_file", facts.prompt.file.as_str().into()),
                ("response_file", line.map(|line| line.file.clone()).into()),
                ("response_line", line.and_then(|line| line.line).map(number).into_field()),
                ("attempt", facts.attempt.into()),
                ("retry_count", facts.retries.into()),
                ("max_retries", order.retry.max_retries.into()),
                ("lost_count", facts.lost.into()),
                ("error", facts.error.clone().into()),
                ("due_at", due.into()),
                ("created_at", facts.created_at.into()),
                ("started_at", facts.started_at.into()),
                ("completed_at", facts.ended_at.into()),
                ("metrics", metrics.filter(|_| facts.has_metrics()).into()),
            ],
        })
    }

    /// No row says RUNNING without an executor. Resumed, it is found lost, and the row says so.
    pub(super) fn abandoned_row(&self) -> Option<Row> {
        let is_at_work =
            matches!(self.phase, Phase::Starting | Phase::Running(_) | Phase::Cancelling { .. });
        let columns = vec![("status", "PARKED".into())];
        is_at_work.then_some(Row { table: "processes", columns })
    }

    pub(super) fn failed_row(why: &str, now: Timestamp) -> Row {
        let columns =
            vec![("status", "FAILED".into()), ("error", why.into()), ("completed_at", now.into())];
        Row { table: "processes", columns }
    }
}

fn number(value: u64) -> Field {
    Field::Int(i64::try_from(value).unwrap_or(i64::MAX))
}

trait IntoField {
    fn into_field(self) -> Field;
}

impl IntoField for Option<Field> {
    fn into_field(self) -> Field {
        self.unwrap_or(Field::Null)
    }
}
