//! How a workspace stands in its read model.

use super::command::Settled;
use super::state::{Filling, Workspace};
use crate::machine::{Field, Row};

impl Workspace {
    pub(super) fn as_row(&self) -> Option<Row> {
        let facts = self.facts.as_ref()?;
        let count = |which: fn(&Option<Settled>) -> bool| {
            let some = facts.changes.iter().filter(|entry| which(&entry.settled)).count();
            Field::Int(i64::try_from(some).unwrap_or(i64::MAX))
        };
        let origin = facts.origin.as_ref().map(|origin| origin.place.record.to_string());
        let error = match &facts.filling {
            Filling::Failed(why) => Some(why.clone()),
            Filling::Under | Filling::Done => None,
        };
        Some(Row {
            table: "workspaces",
            columns: vec![
                ("folder", facts.folder.as_str().into()),
                ("filled_from", origin.into()),
                ("changes", count(|settled| matches!(settled, Some(Settled::Done)))),
                ("conflicts", count(|settled| matches!(settled, Some(Settled::Conflict { .. })))),
                ("error", error.into()),
                ("created_at", facts.created_at.into()),
                ("updated_at", facts.updated_at.into()),
            ],
        })
    }
}
