//! [`edit`]: a state that somebody changes by hand, channel by channel. No reducer is asked: what is said takes the place
//! of what was there.

use super::definition::{Channel, Definition};
use super::reducer::kind;
use super::schema::check_value;
use super::scope::Trouble;
use super::step::Write;
use crate::vocabulary::nearest;
use serde_json::{Map, Value, json};

/// Puts values in the place of what channels hold, and says what was put where. Each has to be what its channel may hold;
/// the error says what is declared. Where this fails nothing is changed.
pub fn edit(
    definition: &Definition,
    state: &mut Map<String, Value>,
    edits: &Map<String, Value>,
) -> Result<Vec<Write>, Trouble> {
    for (name, value) in edits {
        let at = |what| Trouble { place: format!("state.{name}"), what };
        let channel = definition.state.get(name).ok_or_else(|| at(unknown(definition, name)))?;
        check(channel, value).map_err(|what| at(format!("{what}; {}", declared(channel))))?;
    }
    state.extend(edits.iter().map(|(name, value)| (name.clone(), value.clone())));
    let write =
        |(name, value): (&String, &Value)| Write { channel: name.clone(), value: value.clone() };
    Ok(edits.iter().map(write).collect())
}

fn check(channel: &Channel, value: &Value) -> Result<(), String> {
    if let Some(wanted) = channel.reducer.misfit(value) {
        return Err(format!("it has to hold {wanted}, and not {}", kind(value)));
    }
    channel.schema.as_ref().map_or(Ok(()), |schema| check_value(schema, value))
}

fn unknown(definition: &Definition, name: &str) -> String {
    let channels = definition.state.keys().map(String::as_str);
    match nearest(name, channels.clone()) {
        Some(near) => format!("there is no such channel: did you mean {near:?}?"),
        None if definition.state.is_empty() => "there is no such channel: none is declared".into(),
        None => {
            let all: Vec<_> = channels.collect();
            format!("there is no such channel: declared are {}", all.join(", "))
        }
    }
}

/// The channel as its definition declares it, in words.
fn declared(channel: &Channel) -> String {
    let reducer = json!(channel.reducer);
    let reducer = reducer.as_str().unwrap_or_default();
    let schema = channel.schema.as_ref().map(|schema| format!(" and schema {schema}"));
    format!("it is declared with reducer {reducer}{}", schema.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::read;

    const TEXT: &str = r"
name: edited
state:
  list: {reducer: append}
  talk: {reducer: messages}
  n: {reducer: sum}
  score: {schema: {type: number, maximum: 1}}
start: a
nodes: {a: {set: {n: 1}}}
";

    fn edited(edits: &Value) -> Result<Value, String> {
        let definition = read(TEXT, "edited.yaml").unwrap().definition;
        let mut state = crate::graph::initial(&definition);
        let writes = edit(&definition, &mut state, edits.as_object().unwrap());
        writes.map(|_| Value::Object(state)).map_err(|trouble| trouble.to_string())
    }

    #[test]
    fn what_is_said_takes_the_place_of_what_was_there() {
        let state = edited(&json!({ "list": ["x"], "n": 7, "score": 0.5 })).unwrap();
        assert_eq!(state, json!({ "list": ["x"], "talk": [], "n": 7, "score": 0.5 }));
    }

    #[test]
    fn what_a_channel_may_not_hold_is_refused_with_what_is_declared() {
        for (edits, words) in [
            (json!({ "lst": [] }), "state.lst: there is no such channel: did you mean \"list\"?"),
            (json!({ "xyzzy": 1 }), "declared are list, n, score, talk"),
            (
                json!({ "list": "x" }),
                "state.list: it has to hold a list, and not a text; it is declared with reducer append",
            ),
            (json!({ "talk": ["x"] }), "messages (objects)"),
            (json!({ "n": "one" }), "reducer sum"),
            (json!({ "score": 2 }), "\"maximum\":1"),
        ] {
            let error = edited(&edits).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }
}
