//! Steps: what nodes write, and which follow.

use super::{World, all, definition, frontier};
use crate::graph::{Definition, Failed, Finished, Frontier, Scope, Step, Trouble, step};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A graph of nodes that compute nothing, with these edges.
fn graph(edges: &Value) -> Definition {
    let names = ["a", "b", "c", "d", "e"];
    let nodes: BTreeMap<_, _> = names.iter().map(|name| (name, json!({ "set": {} }))).collect();
    definition(json!({ "nodes": nodes, "edges": edges, "state": { "n": { "reducer": "sum" } } }))
}

fn one(definition: &Definition, at: &Frontier, n: i64) -> Result<Step, Trouble> {
    let world = World::of(json!({}), json!({ "n": n }));
    let finished = at.entries.keys().map(String::as_str).collect::<Vec<_>>();
    step(definition, &world.scope(), at, &all(&finished, &json!({})))
}

fn next(definition: &Definition, at: &[&str], n: i64) -> Result<Vec<String>, String> {
    let step = one(definition, &frontier(at), n).map_err(|trouble| trouble.to_string())?;
    Ok(step.next.entries.into_keys().collect())
}

#[test]
fn writes_come_in_the_order_of_names_and_items_and_see_the_state_before_them() {
    let definition = definition(json!({
        "state": { "log": { "reducer": "append" }, "n": { "reducer": "sum" } },
        "start": ["a", "b", "c"],
        "nodes": {
            "a": { "tool": { "name": "t" }, "write": { "log": "output.x ~ state.n", "n": 5 } },
            "b": { "tool": { "name": "t" }, "for_each": "[1, 2]",
                   "write": { "log": "[item, index, output]" } },
            "c": { "set": { "n": "2", "log": "'c'" }, "write": { "log": "output.n" } },
        },
    }));
    let world = World::of(json!({}), json!({ "n": 1, "log": [] }));
    let finished = BTreeMap::from([
        ("a".to_owned(), Finished::Output(json!({ "x": "a" }))),
        ("b".to_owned(), Finished::Outputs(vec![(json!(1), json!("p")), (json!(2), json!("q"))])),
        ("c".to_owned(), Finished::Output(json!({ "n": 2, "log": "c" }))),
    ]);
    let at = frontier(&["a", "b", "c"]);
    let step = step(&definition, &world.scope(), &at, &finished).unwrap();
    assert_eq!(
        Value::Object(step.state),
        json!({ "n": 8, "log": ["a1", 1, 0, "p", 2, 1, "q", "c", 2] })
    );
    assert_eq!(step.next, Frontier::default());
    assert_eq!(step.writes.len(), 7);
}

#[test]
fn edges_are_followed_on_the_state_after_the_writes() {
    let mut definition = graph(&json!([
        { "from": "a", "to": "b", "when": "state.n == 1" },
        { "from": "a", "to": ["c", "d"], "when": "state.n >= 1" },
        { "from": "a", "to": "e" },
        { "from": "a", "to": "end", "otherwise": true },
    ]));
    assert_eq!(
        next(&definition, &["a"], 1),
        Ok(vec!["b".into(), "c".into(), "d".into(), "e".into()])
    );
    assert_eq!(next(&definition, &["a"], 0), Ok(vec!["e".into()]));
    definition.nodes.get_mut("a").unwrap().write = json!({ "n": 2 }).as_object().unwrap().clone();
    assert_eq!(next(&definition, &["a"], 0), Ok(vec!["c".into(), "d".into(), "e".into()]));
}

#[test]
fn otherwise_is_taken_where_no_condition_holds_and_a_dead_end_is_told() {
    let when = json!({ "from": "a", "to": "b", "when": "state.n > 0" });
    let otherwise = json!({ "from": "a", "to": "c", "otherwise": true });
    let both = graph(&json!([when, otherwise]));
    assert_eq!(next(&both, &["a"], 1), Ok(vec!["b".into()]));
    assert_eq!(next(&both, &["a"], 0), Ok(vec!["c".into()]));
    let alone = graph(&json!([when]));
    assert_eq!(
        next(&alone, &["a"], 0).unwrap_err(),
        "edges.0: none of the edges from `a` has a `when` that holds: add one with `otherwise: true`"
    );
    let to_end = graph(&json!([when, { "from": "a", "to": "end", "otherwise": true }]));
    assert_eq!(next(&to_end, &["a"], 0), Ok(vec![]));
    let joined = graph(&json!([when, { "from": ["a", "c"], "to": "d" }]));
    assert_eq!(next(&joined, &["a"], 0), Ok(vec![]));
}

#[test]
fn a_join_waits_for_all_of_its_sources_and_then_begins_anew() {
    let definition = graph(&json!([
        { "from": ["a", "b"], "to": "c" },
        { "from": ["b", "a"], "to": "d", "when": "state.n > 0" },
    ]));
    let first = one(&definition, &frontier(&["a"]), 1).unwrap().next;
    assert_eq!(first.entries.len(), 0);
    assert_eq!(first.joins, BTreeMap::from([(0, BTreeSet::from(["a".to_owned()]))]));
    let again = Frontier { joins: first.joins.clone(), ..frontier(&["a"]) };
    assert_eq!(one(&definition, &again, 1).unwrap().next, first);
    let second = Frontier { joins: first.joins.clone(), ..frontier(&["b"]) };
    assert_eq!(one(&definition, &second, 1).unwrap().next, frontier(&["c", "d"]));
    let both = one(&definition, &frontier(&["a", "b"]), 0).unwrap().next;
    assert_eq!(both, frontier(&["c"]));
}

#[test]
fn the_handler_is_the_only_follower_of_a_node_that_failed() {
    let mut definition = graph(&json!([
        { "from": "a", "to": "b" },
        { "from": ["a", "c"], "to": "d" },
    ]));
    let world = World::of(json!({}), json!({ "n": 0 }));
    let mut finished = all(&["c"], &json!({}));
    let boom = |index, error: &str| Failed { index, error: json!(error) };
    finished.insert("a".into(), Finished::Failed(vec![boom(None, "boom")]));
    let at = frontier(&["a", "c"]);
    let error = step(&definition, &world.scope(), &at, &finished).unwrap_err().to_string();
    assert_eq!(error, "nodes.a: it failed, and has no on_error: \"boom\"");

    definition.nodes.get_mut("a").unwrap().on_error = Some("e".into());
    let next = step(&definition, &world.scope(), &at, &finished).unwrap().next;
    let failures = json!([{ "node": "a", "error": "boom" }]);
    let error = json!({ "node": "a", "error": "boom", "failures": failures });
    assert_eq!(next.entries.keys().collect::<Vec<_>>(), ["e"]);
    assert_eq!(next.entries["e"].error, Some(error));
    assert_eq!(next.joins[&1], BTreeSet::from(["c".to_owned()]));

    // Both, and of a list several: one handler hears of them all.
    definition.nodes.get_mut("c").unwrap().on_error = Some("e".into());
    let list = vec![boom(Some(1), "late"), boom(Some(4), "lost")];
    finished.insert("c".into(), Finished::Failed(list));
    let next = step(&definition, &world.scope(), &at, &finished).unwrap().next;
    let error = next.entries["e"].error.clone().unwrap();
    assert_eq!((&error["node"], &error["error"]), (&json!("a"), &json!("boom")));
    let failures = json!([
        { "node": "a", "error": "boom" },
        { "node": "c", "index": 1, "error": "late" },
        { "node": "c", "index": 4, "error": "lost" },
    ]);
    assert_eq!(error["failures"], failures);
}

#[test]
fn a_handler_and_its_edges_see_the_error() {
    let mut definition = graph(&json!([
        { "from": "a", "to": "b", "when": "error.node == 'x'" },
        { "from": "a", "to": "c", "otherwise": true },
    ]));
    let a = definition.nodes.get_mut("a").unwrap();
    a.write = json!({ "n": "error.error.code" }).as_object().unwrap().clone();
    let mut at = frontier(&["a"]);
    at.entries.get_mut("a").unwrap().error = Some(json!({ "node": "x", "error": { "code": 7 } }));
    let step = one(&definition, &at, 0).unwrap();
    assert_eq!(step.state["n"], json!(7));
    assert_eq!(step.next, frontier(&["b"]));
}

#[test]
fn a_step_does_not_end_before_its_nodes() {
    let world = World::of(json!({}), json!({ "n": 0 }));
    let at = frontier(&["a", "b"]);
    let error = step(&graph(&json!([])), &world.scope(), &at, &all(&["a"], &json!({})));
    assert_eq!(error.unwrap_err().to_string(), "nodes.b: it has not finished");
}

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

fn some_names(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<&'static str>> {
    prop::sample::subsequence(NAMES.to_vec(), count)
}

fn edges() -> impl Strategy<Value = Value> {
    let edge = (some_names(1..4), some_names(1..3), prop::option::of(0..3_i64));
    prop::collection::vec(edge, 0..8).prop_map(|edges| {
        let edges = edges.into_iter().map(|(from, to, n)| match n {
            None => json!({ "from": from, "to": to }),
            Some(n) => json!({ "from": from, "to": to, "when": format!("state.n > {n}") }),
        });
        edges.collect()
    })
}

proptest! {
    /// The engine's nodes finish in any order: it is the names that order their writes.
    #[test]
    fn a_step_does_not_depend_on_the_order_in_which_nodes_finish(
        edges in edges(), at in some_names(1..5), order in Just(NAMES.to_vec()).prop_shuffle(),
    ) {
        let mut definition = graph(&edges);
        for (name, node) in &mut definition.nodes {
            node.write = json!({ "log": format!("'{name}'") }).as_object().unwrap().clone();
        }
        definition.state.insert("log".into(), serde_json::from_value(json!({ "reducer": "append" })).unwrap());
        let world = World::of(json!({}), json!({ "n": 1, "log": [] }));
        let scope: Scope = world.scope();
        let shuffled: Vec<_> = order.into_iter().filter(|name| at.contains(name)).collect();
        let (straight, turned) = (all(&at, &json!({})), all(&shuffled, &json!({})));
        let once = step(&definition, &scope, &frontier(&at), &straight);
        prop_assert_eq!(&once, &step(&definition, &scope, &frontier(&shuffled), &turned));
        if let Ok(step) = once {
            prop_assert_eq!(&step.state["log"], &json!(at));
        }
    }

    /// A join fires exactly in the step in which the last of its sources comes, in whatever order they come.
    #[test]
    fn a_join_fires_once_when_its_last_source_has_come(
        sources in some_names(2..5), visits in prop::collection::vec(some_names(1..5), 1..12),
    ) {
        let definition = definition(json!({
            "nodes": graph(&json!([])).nodes,
            "edges": [{ "from": sources, "to": "a" }],
        }));
        let world = World::of(json!({}), json!({}));
        let (mut at, mut come) = (Frontier::default(), BTreeSet::new());
        for visit in visits {
            let visited = Frontier { joins: at.joins, ..frontier(&visit) };
            at = step(&definition, &world.scope(), &visited, &all(&visit, &json!({}))).unwrap().next;
            come.extend(visit.into_iter().filter(|name| sources.contains(name)));
            let fires = come.len() == sources.len();
            prop_assert_eq!(at.entries.contains_key("a"), fires);
            if fires {
                come.clear();
            }
            prop_assert_eq!(at.joins.values().flatten().count(), come.len());
        }
    }
}
