//! What nodes have to do.

use super::{World, definition};
use crate::graph::{Bundle, Pinned, Scope, Trouble, Wait, Work, items, matches, work};
use crate::vocabulary::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

fn bundle() -> Bundle {
    let pinned = Pinned {
        system: Some("Be kind.".into()),
        runtime: Some("claude".into()),
        model: Some("small".into()),
        fallbacks: Vec::new(),
    };
    Bundle { root: "test".into(), profiles: [("judge".into(), pinned)].into(), ..empty() }
}

fn empty() -> Bundle {
    Bundle { root: String::new(), definitions: [].into(), profiles: [].into() }
}

fn of(node: &Value) -> Result<Work, Trouble> {
    let world = World::of(
        json!({ "who": "judge", "when": "2026-11-21T10:00:00Z", "day": "monday" }),
        json!({ "n": 2 }),
    );
    let definition = definition(json!({ "nodes": { "a": node } }));
    let item = json!("tea");
    work(&bundle(), &definition, "a", &Scope { item: Some((4, &item)), ..world.scope() })
}

#[test]
fn an_agent_has_what_its_profile_has_unless_it_has_its_own() {
    let node = json!({ "agent": {
        "profile": "{{ input.who }}", "prompt": "Judge {{ item }} ({{ index }}).", "model": "big",
        "session": "{{ '' }}", "output": { "type": "object" },
    } });
    let Ok(Work::Agent(agent)) = of(&node) else { panic!("no agent") };
    insta::assert_snapshot!(serde_json::to_string_pretty(&agent).unwrap());
}

#[test]
fn a_profile_that_is_not_there_is_told_with_those_that_are() {
    let error = of(&json!({ "agent": { "profile": "x{{ 1 }}", "prompt": "" } })).unwrap_err();
    assert_eq!(
        error.to_string(),
        "nodes.a.agent.profile: there is no profile `x1` (known here: judge)"
    );
}

#[test]
fn arguments_are_expressions_however_deep_and_all_else_is_itself() {
    let with = json!({ "a": "state.n", "b": [1, "item"], "c": { "d": "'x'", "e": true } });
    let Ok(Work::Tool { name, arguments }) = of(&json!({ "tool": { "name": "t", "with": with } }))
    else {
        panic!("no tool")
    };
    let arguments = Value::Object(arguments);
    let filled = json!({ "a": 2, "b": [1, "tea"], "c": { "d": "x", "e": true } });
    assert_eq!((name.as_str(), arguments), ("t", filled));
    let error = of(&json!({ "set": { "x": { "y": ["state.m"] } } })).unwrap_err();
    assert_eq!(error.to_string(), "nodes.a.set.x.y.0: `state.m` is undefined");
}

#[test]
fn where_an_expression_may_stand_a_template_makes_a_text() {
    let list = "{% for one in [1, 2] %}- {{ one }} {{ item }}\n{% endfor %}";
    let with = json!({ "a": { "template": list }, "b": [{ "template": "{{ state.n }}" }], "template": "state.n" });
    let Ok(Work::Tool { arguments, .. }) = of(&json!({ "tool": { "name": "t", "with": with } }))
    else {
        panic!("no tool")
    };
    let filled = json!({ "a": "- 1 tea\n- 2 tea\n", "b": ["2"], "template": 2 });
    assert_eq!(Value::Object(arguments), filled);
    let error = of(&json!({ "set": { "x": { "template": "{{ state.m }}" } } })).unwrap_err();
    assert_eq!(error.to_string(), "nodes.a.set.x.template: `state.m` is undefined");
}

#[test]
fn waits_are_for_a_time_a_moment_or_a_message() {
    let wait = |node: Value| of(&json!({ "wait": node }));
    let time = wait(json!({ "for": "1m" })).unwrap();
    assert_eq!(time, Work::Wait(Wait::For(Duration::from_mins(1))));
    let moment = wait(json!({ "until": "input.when" })).unwrap();
    assert_eq!(moment, Work::Wait(Wait::Until(Timestamp(1_795_255_200_000))));
    let message = wait(json!({ "topic": "a.{{ input.day }}.*", "when": "message.data.n > 1" }));
    let expected =
        Wait::Message { topic: "a.monday.*".into(), when: Some("message.data.n > 1".into()) };
    assert_eq!(message.unwrap(), Work::Wait(expected));
    for (node, error) in [
        (json!({ "for": "soon" }), "nodes.a.wait.for: `soon` is no duration"),
        (json!({ "until": "input.day" }), "nodes.a.wait.until: \"monday\" is no moment"),
        (json!({ "topic": "a..b" }), "nodes.a.wait.topic: "),
        (json!({}), "nodes.a.wait: it waits for nothing"),
    ] {
        let found = wait(node).unwrap_err().to_string();
        assert!(found.starts_with(error), "{found}");
    }
}

#[test]
fn a_message_is_looked_at_by_the_waits_condition() {
    let world = World::of(json!({}), json!({ "n": 2 }));
    let message = json!({ "topic": "t", "event_type": "E", "data": { "n": 2 } });
    let matches = |when| matches(when, &message, &world.scope());
    assert_eq!(matches(None), Ok(true));
    assert_eq!(matches(Some("message.data.n == state.n and message.event_type == 'E'")), Ok(true));
    assert_eq!(matches(Some("message.data.n > state.n")), Ok(false));
    // Messages come from anywhere: one without the member is another one, and no trouble.
    assert_eq!(matches(Some("message.data.m")), Ok(false));
    assert_eq!(matches(Some("message.data.m.n > 1")), Ok(false));
    assert!(matches(Some("message.data.n ~~ 1")).is_err());
}

#[test]
fn a_for_each_gives_a_list_or_is_in_trouble() {
    let world = World::of(json!({}), json!({ "list": ["x", 2] }));
    let items =
        |node: Value| items("a", &definition(json!({ "nodes": { "a": node } })), &world.scope());
    assert_eq!(items(json!({ "set": {} })), Ok(None));
    let list = items(json!({ "set": {}, "for_each": "state.list" }));
    assert_eq!(list, Ok(Some(vec![json!("x"), json!(2)])));
    let error = items(json!({ "set": {}, "for_each": "1" })).unwrap_err().to_string();
    assert_eq!(error, "nodes.a.for_each: it has to give a list, and gives a number");
}
