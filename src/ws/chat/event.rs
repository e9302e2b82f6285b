//! [`event`]: what a message of the journal holds.

use callboard_actors::journal::Message;
use callboard_actors::machine::tagged;
use serde::de::DeserializeOwned;

/// What this program cannot read, a newer one has written: it is passed over.
pub(super) fn event<T: DeserializeOwned>(message: &Message) -> Option<T> {
    let read = tagged::join(&message.event_type, message.data.get());
    read.inspect_err(|error| {
        tracing::warn!(position = message.position, %error, "a talk passes over a message that it cannot read");
    })
    .ok()
}
