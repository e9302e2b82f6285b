//! [`Publication`]: something that is said on a topic, by whoever may: what it may look like, and how it is said once.

use crate::journal::{Entered, Entry, Fault, Journal, MessageKind, NewMessage};
use crate::vocabulary::{DEEPEST, MessageId, Position, is_too_deep};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

/// The longest content of a message, in bytes: messages are small, large things lie in files.
pub const MOST_DATA: usize = 10_000;

/// Something to be said.
#[derive(Debug, Clone, PartialEq)]
pub struct Publication {
    /// On which topic, with its root.
    pub topic: String,
    /// Of which type; `None`: the usual one.
    pub event_type: Option<String>,
    /// What.
    pub data: Value,
    /// What it belongs to.
    pub correlation: Option<MessageId>,
}

/// Why something cannot be said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Nobody can publish on such a topic.
    #[error(
        "{0:?} is no topic to publish on: use levels without white space, *, > and %, separated by dots, at most 256 bytes"
    )]
    Topic(String),
    /// No type is called so.
    #[error("event_type has to be 1 to 100 bytes")]
    EventType,
    /// A text beside the content is too long.
    #[error("{0} may have at most 200 bytes")]
    Beside(&'static str),
    /// Messages are small.
    #[error(
        "data has {length} bytes, but a message holds at most {MOST_DATA}: put it into the shared state (PUT /state/KEY, or the tool set_state) and name the key"
    )]
    TooLong {
        /// How many bytes.
        length: usize,
    },
    /// Nobody could read it again.
    #[error("data is nested more than {DEEPEST} levels deep")]
    TooDeep,
    /// It is no JSON.
    #[error("{0}")]
    NoJson(String),
}

/// Why something was not said.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// It cannot be said at all.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// The same key was used for something else.
    #[error("this key was used before for another message: use a new one")]
    OtherMessage,
    /// The journal could not write.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Publication {
    /// The type of a message whose sender names none.
    const EVENT_TYPE: &'static str = "MESSAGE";

    /// Whether one can publish on this topic.
    ///
    /// # Errors
    /// If it is none, or a pattern.
    pub fn check_topic(topic: &str) -> Result<(), Unfit> {
        let is_fine = |level: &str| {
            !level.is_empty() && !level.contains(|c: char| "*>%".contains(c) || c.is_whitespace())
        };
        let is_short = topic.len() <= 256 && !topic.contains(char::is_control);
        if is_short && topic.split('.').all(is_fine) {
            return Ok(());
        }
        Err(Unfit::Topic(topic.chars().take(100).collect()))
    }

    /// Says it, durably. With a key it is said once: said again, it is where it was said first.
    ///
    /// # Errors
    /// If it cannot be said, the key was used for something else, or the journal cannot write.
    pub async fn publish(
        self,
        journal: &Journal,
        id: MessageId,
        key: Option<String>,
    ) -> Result<Position, PublishError> {
        let message = self.message(id)?;
        let Some(key) = key else { return Ok(journal.publish(message).await?.first) };
        match journal.enter(Entry::Publish { key, message }).await? {
            Entered::Published(position) | Entered::Repeated(position) => Ok(position),
            _ => Err(PublishError::OtherMessage),
        }
    }

    fn message(self, id: MessageId) -> Result<NewMessage, Unfit> {
        let Self { topic, event_type, data, correlation } = self;
        Self::check_topic(&topic)?;
        let event_type = event_type.unwrap_or_else(|| Self::EVENT_TYPE.to_owned());
        if !(1..=100).contains(&event_type.len()) || event_type.chars().any(char::is_control) {
            return Err(Unfit::EventType);
        }
        Ok(NewMessage {
            kind: MessageKind::Publication,
            message_id: Some(id),
            topic: Some(topic),
            event_type,
            error: None,
            data: small(&data)?,
            caused_by: None,
            correlation,
        })
    }
}

/// Content as JSON text.
///
/// # Errors
/// If it is too long for a message.
pub fn small(data: &Value) -> Result<Box<RawValue>, Unfit> {
    if is_too_deep(data) {
        return Err(Unfit::TooDeep);
    }
    let text = to_raw_value(data).map_err(|error| Unfit::NoJson(error.to_string()))?;
    let length = text.get().len();
    if length <= MOST_DATA { Ok(text) } else { Err(Unfit::TooLong { length }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_levels_and_no_patterns() {
        for topic in ["a", "team.wf.all", "ä.1-x_y"] {
            assert_eq!(Publication::check_topic(topic), Ok(()), "{topic}");
        }
        for topic in ["", "a..b", "a.*", "a.>", "a b", "%", "a\n", &"x".repeat(257)] {
            assert!(matches!(Publication::check_topic(topic), Err(Unfit::Topic(_))), "{topic:?}");
        }
    }
}
