//! The others of a queue: who holds a place, who speaks in a session.

use super::super::answer::Evidence;
use super::super::house::{House, Look};
use super::past::Past;
use callboard_actors::vocabulary::Name;
use serde_json::{Map, Value};

/// The pasts of the processes in these rows.
pub(in crate::why) async fn pasts(house: &House, rows: &[Map<String, Value>]) -> Look<Vec<Past>> {
    let mut pasts = Vec::new();
    for row in rows {
        let id = row.get("id").and_then(Value::as_str).unwrap_or_default();
        if let Ok(name) = id.parse::<Name>() {
            pasts.extend(Past::load(house, &name).await?);
        }
    }
    Ok(pasts)
}

impl Past {
    /// Whether it takes the turn of its session.
    pub(in crate::why) fn is_at_work(&self) -> bool {
        matches!(self.status, "STARTING" | "RUNNING" | "SUCCESS" | "CANCELLING")
    }

    /// Where it stands, as evidence about somebody else.
    pub(in crate::why) fn standing(&self) -> Evidence {
        let attempt = self.last().map(|attempt| format!(", attempt {}", attempt.number));
        let attempt = attempt.unwrap_or_default();
        let what = format!("process {} became {}{attempt}", self.id, self.status);
        Evidence { position: Some(self.position), at: self.since, what }
    }
}
