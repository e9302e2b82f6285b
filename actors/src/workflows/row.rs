//! How a workflow stands in its read model.

use super::forks::Purpose;
use super::state::{Facts, Workflow};
use crate::machine::{Field, Row};
use crate::vocabulary::{Payload, Timestamp, Workplace};

const TABLE: &str = "workflows";

fn workplace(place: Option<&Workplace>) -> Field {
    // Names and paths: it cannot fail.
    place.and_then(|place| serde_json::to_string(place).ok()).into()
}

impl Facts {
    /// Why the run has failed, or is being undone.
    fn what_is_wrong(&self) -> Option<String> {
        let undone = || self.undoing.as_ref()?.undo.error["error"]["error"].as_str();
        let failure = self.failure.as_ref().map(|failure| failure.error.as_str());
        failure.or_else(undone).map(str::to_owned)
    }
}

impl Workflow {
    pub(super) fn as_row(&self) -> Option<Row> {
        let facts = self.facts.as_ref()?;
        let parent = facts.order.parent.as_ref();
        let params = match &facts.run.input {
            Payload::Inline(input) => Some(input.to_string()),
            Payload::File(_) => None,
        };
        let interrupts = i64::try_from(facts.interrupts().count()).unwrap_or(i64::MAX);
        Some(Row {
            table: TABLE,
            columns: vec![
                ("type", facts.order.definition.as_str().into()),
                ("definition_hash", facts.order.bundle.hash.as_str().into()),
                ("parent_id", parent.map(|parent| parent.workflow_id.to_string()).into()),
                ("root_id", facts.root_id().to_string().into()),
                ("status", self.status().into()),
                ("run", facts.run.number.into()),
                ("current_step", facts.step.into()),
                ("interrupts", Field::Int(interrupts)),
                ("params", params.into()),
                ("error", facts.what_is_wrong().into()),
                ("created_at", facts.created_at.into()),
                ("updated_at", facts.updated_at.into()),
                ("completed_at", facts.ended_at.into()),
                ("forked_from", self.made_of(Purpose::Fork).into()),
                ("replay_of", self.made_of(Purpose::Replay).into()),
                ("workspace", workplace(facts.order.workplace.as_deref())),
                ("metrics", serde_json::to_string(&facts.spent).ok().into()),
            ],
        })
    }

    /// The workflow that it was made of for this purpose.
    fn made_of(&self, purpose: Purpose) -> Option<String> {
        let origin = self.facts.as_ref()?.order.origin.as_ref()?;
        (origin.purpose == purpose).then(|| origin.source.workflow_id.to_string())
    }

    pub(super) fn failed_row(why: &str, now: Timestamp) -> Row {
        let columns =
            vec![("status", "failed".into()), ("error", why.into()), ("completed_at", now.into())];
        Row { table: TABLE, columns }
    }
}
