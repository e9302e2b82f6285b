//! `current_time`: a model does not know what time it is.

use super::act::{Act, Called, safe};
use callboard_actors::journal::Journal;
use callboard_actors::tools::{Caller, Tool};
use futures::FutureExt;
use serde_json::{Value, json};

pub(super) fn tool() -> Tool {
    safe(
        "current_time",
        "Tells the current date and time (UTC, RFC 3339), and the same in milliseconds since 1970.",
        json!({ "type": "object", "properties": {}, "additionalProperties": false }),
    )
}

pub(super) struct CurrentTime(pub(super) Journal);

impl Act for CurrentTime {
    fn call(&self, _: Value, _: Caller) -> Called {
        let now = self.0.clock().now();
        async move { Ok(json!({ "now": now.rfc3339(), "unix_ms": now.0 })) }.boxed_local()
    }
}
