//! [`Standing`]: where a process stands, read from its messages; and what of them is worth a remark.

use crate::cli::api::Message;

/// Where a process stands, as far as its messages were read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Standing {
    /// It waits for its turn, its retry, or for what follows an attempt.
    #[default]
    Waiting,
    /// This attempt was begun.
    Attempting(u64),
    /// Nothing more will come of it by itself.
    Ended,
    /// It is kept from acting, for this reason.
    Parked(String),
}

impl Standing {
    /// Where it stands after a message.
    pub(super) fn after(self, message: &Message) -> Self {
        match message.event_type.as_str() {
            "SPAWN_ADMITTED" | "SPAWN_STARTED" => {
                message.number("attempt").map_or(self, Self::Attempting)
            }
            "SPAWN_COMPLETE"
            | "SPAWN_DEAD"
            | "SPAWN_CANCELLED"
            | "SPAWN_INDETERMINATE"
            | "ENTITY_FAILED" => Self::Ended,
            "SPAWN_FAILED" | "SPAWN_RETRY" | "SPAWN_HELD" | "SPAWN_FELL_BACK"
            | "SPAWN_REDRIVEN" | "ENTITY_RESUMED" => Self::Waiting,
            "ENTITY_PARKED" => Self::Parked(message.text("why").unwrap_or_default().to_owned()),
            _ => self,
        }
    }
}

/// What is worth telling whoever follows.
pub(super) fn worth_telling(message: &Message) -> Option<String> {
    let text = |field| message.text(field).unwrap_or("?");
    match message.event_type.as_str() {
        "SPAWN_FAILED" => {
            let attempt = message.number("attempt").unwrap_or_default();
            let how = if text("kind") == "lost" { "was lost" } else { "failed" };
            Some(format!("attempt {attempt} {how}: {}", text("error")))
        }
        "SPAWN_RETRY" => Some(format!("trying again at {}", text("due"))),
        "SPAWN_HELD" => Some("waiting for room within the limits of its workflow".to_owned()),
        "SPAWN_FELL_BACK" => Some(format!("asking another provider: {}", text("why"))),
        "SPAWN_REDRIVEN" => Some(format!("tried anew by {}", text("by"))),
        "SPAWN_CANCELLING" => Some(format!("being cancelled by {}", text("by"))),
        "ENTITY_PARKED" => Some(format!("parked by {}: {}", text("by"), text("why"))),
        _ => None,
    }
}
