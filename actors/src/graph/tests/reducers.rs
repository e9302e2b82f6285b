//! Reducers, by their laws.

use super::definition;
use crate::graph::{Definition, Trouble, Write, initial, reduce};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn channel(reducer: &str) -> Definition {
    definition(json!({ "state": { "c": { "reducer": reducer } } }))
}

fn after(definition: &Definition, values: &[Value]) -> Result<Value, Trouble> {
    let mut state = initial(definition);
    let writes = values.iter().map(|value| Write { channel: "c".into(), value: value.clone() });
    reduce(definition, &mut state, &writes.collect::<Vec<_>>())?;
    Ok(state["c"].clone())
}

#[test]
fn each_reducer_does_what_it_says() {
    for (reducer, first, writes, last) in [
        ("replace", json!(null), vec![json!(1), json!([2])], json!([2])),
        (
            "append",
            json!([]),
            vec![json!([1, [2]]), json!("x"), json!(null)],
            json!([1, [2], "x", null]),
        ),
        (
            "merge",
            json!({}),
            vec![json!({ "a": 1, "b": 1 }), json!({ "b": { "c": 2 } })],
            json!({ "a": 1, "b": { "c": 2 } }),
        ),
        ("sum", json!(0), vec![json!(2), json!(-3)], json!(-1)),
        ("sum", json!(0), vec![json!(2), json!(0.5)], json!(2.5)),
        ("sum", json!(0), vec![json!(u64::MAX)], json!(u64::MAX)),
        ("max", json!(null), vec![json!(-7), json!(-9)], json!(-7)),
        ("max", json!(null), vec![json!(1), json!(1.5)], json!(1.5)),
        (
            "messages",
            json!([]),
            vec![
                json!([{ "id": "1", "content": "a" }, { "content": "b" }]),
                json!({ "id": "1", "content": "c" }),
                json!({ "content": "b" }),
            ],
            json!([{ "id": "1", "content": "c" }, { "content": "b" }, { "content": "b" }]),
        ),
    ] {
        let definition = channel(reducer);
        assert_eq!(initial(&definition)["c"], first, "{reducer}");
        assert_eq!(after(&definition, &writes), Ok(last), "{reducer}");
    }
}

#[test]
fn what_does_not_fit_is_told_with_its_channel() {
    for (reducer, written, error) in [
        ("merge", json!([1]), "state.c: it takes an object, and not a list"),
        ("sum", json!("1"), "state.c: it takes a number, and not a text"),
        ("max", json!(null), "state.c: it takes a number, and not null"),
        ("messages", json!(["hi"]), "state.c: it takes messages (objects), and not a text"),
    ] {
        assert_eq!(after(&channel(reducer), &[written]).unwrap_err().to_string(), error);
    }
    let too_large = after(&channel("sum"), &[json!(u64::MAX), json!(1)]).unwrap_err().to_string();
    assert_eq!(too_large, "state.c: the sum of 18446744073709551615 and 1 is too large");
}

#[test]
fn a_channels_schema_holds_for_the_whole_value_at_the_end_of_the_writes() {
    let schema = json!({ "type": "array", "items": { "type": "integer" }, "minItems": 2 });
    let channels = json!({ "state": { "c": { "reducer": "append", "schema": schema } } });
    let definition = definition(channels);
    assert_eq!(after(&definition, &[json!(1), json!(2)]), Ok(json!([1, 2])));
    let error = after(&definition, &[json!(1), json!("x")]).unwrap_err();
    assert_eq!(error.to_string(), "state.c: /1: want integer, but got string");
    assert!(after(&definition, &[json!(1)]).is_err());
}

#[test]
fn nothing_is_written_to_a_channel_that_is_not_there() {
    let write = Write { channel: "nope".into(), value: json!(1) };
    let error = reduce(&channel("sum"), &mut Map::new(), &[write]).unwrap_err();
    assert_eq!(error.to_string(), "state.nope: there is no such channel");
}

fn values() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec((-99_i64..99).prop_map(Value::from), 0..6)
}

fn objects() -> impl Strategy<Value = Vec<Value>> {
    let member = ("[a-d]", -9_i64..9);
    let object = prop::collection::vec(member, 0..4).prop_map(|members| {
        Value::Object(members.into_iter().map(|(name, value)| (name, value.into())).collect())
    });
    prop::collection::vec(object, 0..6)
}

fn messages() -> impl Strategy<Value = Vec<Value>> {
    let message = ("[a-c]?", 0..9).prop_map(|(id, text)| match id.as_str() {
        "" => json!({ "text": text }),
        id => json!({ "id": id, "text": text }),
    });
    prop::collection::vec(message, 0..8)
}

proptest! {
    #[test]
    fn appending_in_parts_is_appending_at_once(left in values(), right in values()) {
        let append = channel("append");
        let at_once = [left.clone(), right.clone()].concat();
        let parts = after(&append, &[Value::Array(left), Value::Array(right)]);
        prop_assert_eq!(&parts, &after(&append, &[Value::Array(at_once.clone())]));
        prop_assert_eq!(parts, after(&append, &at_once));
    }

    #[test]
    fn sums_and_maxima_do_not_depend_on_the_order(written in values()) {
        let mut turned = written.clone();
        turned.reverse();
        for reducer in ["sum", "max"] {
            let channel = channel(reducer);
            prop_assert_eq!(after(&channel, &written), after(&channel, &turned));
        }
        let sum: i64 = written.iter().filter_map(Value::as_i64).sum();
        prop_assert_eq!(after(&channel("sum"), &written), Ok(json!(sum)));
    }

    #[test]
    fn merging_twice_is_merging_once(written in objects()) {
        let merge = channel("merge");
        let twice = [written.clone(), written.clone()].concat();
        prop_assert_eq!(after(&merge, &twice), after(&merge, &written));
    }

    #[test]
    fn messages_keep_one_of_each_id_at_its_first_place(written in messages()) {
        let channel = channel("messages");
        let Ok(Value::Array(held)) = after(&channel, &written) else { panic!() };
        let mut first: Vec<Value> = Vec::new();
        for message in &written {
            let id = message.get("id");
            let is_known = id.is_some() && first.iter().any(|old| old.get("id") == id);
            if !is_known {
                let last = written.iter().rfind(|other| id.is_some() && other.get("id") == id);
                first.push(last.unwrap_or(message).clone());
            }
        }
        prop_assert_eq!(&held, &first);
        prop_assert_eq!(after(&channel, &[Value::Array(written)]), Ok(Value::Array(held)));
    }
}
