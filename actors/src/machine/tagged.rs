//! Between an enum with `tag = "type", content = "data"` and the two columns it is stored in.

use super::splitter::Splitter;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;

/// An enum value, split: its variant's name and its content as JSON (`{}` where it has none).
#[derive(Debug, Clone)]
pub struct Tagged {
    /// The variant, e.g. `SPAWN_REQUEST`.
    pub event_type: String,
    /// Its content.
    pub data: Box<RawValue>,
}

/// Splits a command or an event into what the columns hold. It has to be an enum with `tag = "type", content = "data"`.
pub fn split<T: Serialize>(value: &T) -> Result<Tagged, serde_json::Error> {
    value.serialize(Splitter)
}

/// Puts a command or an event together again from its columns.
pub fn join<T: DeserializeOwned>(event_type: &str, data: &str) -> Result<T, serde_json::Error> {
    let name = serde_json::to_string(event_type)?;
    // A variant without content was stored as `{}`; serde wants the field absent there.
    let with_content = format!(r#"{{"type":{name},"data":{data}}}"#);
    match serde_json::from_str(&with_content) {
        Err(_) if data == "{}" => serde_json::from_str(&format!(r#"{{"type":{name}}}"#)),
        result => result,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "type", content = "data", rename_all = "SCREAMING_SNAKE_CASE")]
    enum Event {
        BellRung { times: u32 },
        DoorShut,
    }

    #[test]
    fn what_is_split_joins_to_the_same() {
        for event in [Event::BellRung { times: 3 }, Event::DoorShut] {
            let tagged = split(&event).unwrap();
            assert_eq!(join::<Event>(&tagged.event_type, tagged.data.get()).unwrap(), event);
        }
        let tagged = split(&Event::BellRung { times: 3 }).unwrap();
        assert_eq!((&*tagged.event_type, tagged.data.get()), ("BELL_RUNG", r#"{"times":3}"#));
    }
}
