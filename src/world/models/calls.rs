//! [`Calls`]: calls of tools as they grow, piece by piece, in an answer that streams.

use callboard_actors::tools::ToolCall;
use serde_json::{Map, Value};

/// The calls of an answer, in its order.
#[derive(Debug, Default)]
pub(super) struct Calls(Vec<Growing>);

/// A call as far as it has come.
#[derive(Debug)]
struct Growing {
    /// Its place in the answer, where the provider says it.
    place: Option<usize>,
    id: String,
    name: String,
    /// What stood at its start.
    input: Value,
    /// The pieces of its input, one behind the other.
    pieces: String,
}

impl Calls {
    /// A call begins. Its input follows; what stands at the start is usually empty.
    pub(super) fn begin(&mut self, place: Option<usize>, id: &str, name: &str, input: Value) {
        let (id, name) = (id.to_owned(), name.to_owned());
        self.0.push(Growing { place, id, name, input, pieces: String::new() });
    }

    /// A piece of the input of the call at this place; without one, of the newest. One that belongs to no call is
    /// passed over.
    pub(super) fn add(&mut self, place: Option<usize>, piece: &str) {
        let at = |call: &&mut Growing| place.is_none() || call.place == place;
        if let Some(call) = self.0.iter_mut().rev().find(at) {
            call.pieces.push_str(piece);
        }
    }

    /// All that there is to the input of the call at this place.
    pub(super) fn set(&mut self, place: Option<usize>, input: &str) {
        if let Some(call) = self.0.iter_mut().rev().find(|call| call.place == place) {
            input.clone_into(&mut call.pieces);
        }
    }

    /// A piece of a call where beginnings are not marked: an id or a name that is new to its place begins one.
    pub(super) fn take(&mut self, place: Option<usize>, id: &str, name: &str, piece: &str) {
        let known = self.0.iter().rev().find(|call| place.is_none() || call.place == place);
        let is_new = match known {
            None => true,
            Some(call) if place.is_none() => !name.is_empty() || (!id.is_empty() && id != call.id),
            Some(call) => !id.is_empty() && !call.id.is_empty() && id != call.id,
        };
        if is_new {
            self.begin(place, id, name, Value::Null);
        }
        self.add(place, piece);
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What the answer calls.
    pub(super) fn grown(&self) -> Vec<ToolCall> {
        (1..).zip(&self.0).map(|(number, call)| call.grown(number)).collect()
    }
}

impl Growing {
    /// Input that is no JSON is kept as text: the model is told that it fits no schema. A call without a name of its
    /// own gets one: its result is told under it.
    fn grown(&self, number: usize) -> ToolCall {
        let arguments = match (self.pieces.trim(), &self.input) {
            ("", Value::Null) => Value::Object(Map::new()),
            ("", input) => input.clone(),
            (text, _) => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.into())),
        };
        let id = if self.id.is_empty() { format!("call_{number}") } else { self.id.clone() };
        ToolCall { id, name: self.name.clone(), arguments }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn calls(pieces: &[(Option<usize>, &str, &str, &str)]) -> Vec<(String, String, Value)> {
        let mut calls = Calls::default();
        for (place, id, name, piece) in pieces {
            calls.take(*place, id, name, piece);
        }
        calls.grown().into_iter().map(|call| (call.id, call.name, call.arguments)).collect()
    }

    fn call(id: &str, name: &str, arguments: Value) -> (String, String, Value) {
        (id.to_owned(), name.to_owned(), arguments)
    }

    #[test]
    fn pieces_of_several_calls_may_come_mixed() {
        let grown = calls(&[
            (Some(0), "a", "look", ""),
            (Some(1), "b", "take", "{\"it\":"),
            (Some(0), "", "", "{\"at\":"),
            (Some(1), "", "", "2}"),
            (Some(0), "", "", "1}"),
        ]);
        let expected =
            [call("a", "look", json!({ "at": 1 })), call("b", "take", json!({ "it": 2 }))];
        assert_eq!(grown, expected);
    }

    #[test]
    fn a_server_that_counts_no_places_or_always_zero_is_understood() {
        let without = [
            (None, "a", "look", "{\"at\":1}"),
            (None, "b", "look", "{\"at\":"),
            (None, "", "", "2}"),
        ];
        let expected =
            [call("a", "look", json!({ "at": 1 })), call("b", "look", json!({ "at": 2 }))];
        assert_eq!(calls(&without), expected);
        let zeros = [(Some(0), "a", "look", "{\"at\":1}"), (Some(0), "b", "look", "{\"at\":2}")];
        assert_eq!(calls(&zeros), expected);
    }

    #[test]
    fn what_is_no_json_is_kept_as_text_and_what_has_no_name_gets_one() {
        let grown = calls(&[(Some(0), "", "look", "{\"at\": "), (Some(1), "x", "look", "")]);
        assert_eq!(
            grown,
            [call("call_1", "look", json!("{\"at\":")), call("x", "look", json!({}))]
        );
    }
}
