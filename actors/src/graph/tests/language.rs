//! Expressions and templates: exact, strict, closed.

use super::World;
use crate::graph::language::{View, evaluate, holds, render};
use serde_json::{Value, json};

fn world() -> World {
    World::of(
        json!({ "topic": "tea", "big": 18_446_744_073_709_551_615_u64 }),
        json!({ "round": 2, "score": 0.5, "list": [1, 2.5, null, "x"], "note": null,
                "nested": { "a": { "b": true } } }),
    )
}

fn eval(text: &str) -> Result<Value, String> {
    evaluate(text, &View::of(&world().scope()))
}

#[test]
fn values_pass_through_expressions_unchanged() {
    for (text, value) in [
        ("state.list", json!([1, 2.5, null, "x"])),
        ("state.nested", json!({ "a": { "b": true } })),
        (" state.nested.a.b ", json!(true)),
        ("(state.nested.a.b)", json!(true)),
        ("(input.topic)", json!("tea")),
        ("input.topic", json!("tea")),
        ("true", json!(true)),
        ("2.5", json!(2.5)),
        ("state['nested']['a']", json!({ "b": true })),
        ("input.big", json!(18_446_744_073_709_551_615_u64)),
        ("state.round + 1", json!(3)),
        ("state.score * 2", json!(1.0)),
        ("state.note", Value::Null),
        ("{'a': [state.round, {'b': 'c'}]}", json!({ "a": [2, { "b": "c" }] })),
        ("state.list[:state.round]", json!([1, 2.5])),
        ("range(3)", json!([0, 1, 2])),
        ("state.list | length", json!(4)),
        ("workflow ~ '/' ~ run ~ '/' ~ step", json!("w1/1/3")),
        ("state.missing | default(7)", json!(7)),
        ("state.missing is defined", json!(false)),
        ("-9223372036854775808", json!(i64::MIN)),
    ] {
        assert_eq!(eval(text), Ok(value), "{text}");
    }
}

#[test]
fn what_is_undefined_or_no_json_is_an_error_that_names_it() {
    for (text, error) in [
        ("state.missing", "`state.missing` is undefined"),
        ("state.score.deep", "`state.score.deep` is undefined"),
        ("state.note.deep", "`state.note.deep` is undefined"),
        ("[1, state.missing]", "a part of it is undefined"),
        ("state.missing.deep", "`state.missing.deep` is undefined"),
        ("output", "`output` is undefined"),
        ("{1: 2}", "1 is no name for a member of an object: use a text"),
        ("1e308 * 10", "the number inf is none in JSON"),
    ] {
        let found = eval(text).unwrap_err();
        assert!(found.contains(error), "{text}: {found}");
    }
}

#[test]
fn conditions_are_true_as_ifs_are_and_never_undefined() {
    let world = world();
    let scope = world.scope();
    let holds = |text: &str| holds(text, &View::of(&scope));
    assert_eq!(holds("state.round < 3 and input.topic == 'tea'"), Ok(true));
    assert_eq!(holds("state.note"), Ok(false));
    assert!(holds("state.missing").unwrap_err().contains("`state.missing` is undefined"));
}

#[test]
fn a_text_neither_runs_for_ever_nor_reaches_another() {
    let world = world();
    let scope = world.scope();
    let render = |text: &str| render(text, &View::of(&scope));
    let endless = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
    assert!(render(endless).unwrap_err().contains("too many steps"));
    assert_eq!(render("secret {{ input.topic }}").unwrap(), "secret tea");
    assert!(render("{% include 'secret {{ input.topic }}' %}").is_err());
    assert!(render("{% include '/etc/passwd' %}").is_err());
}

#[test]
fn no_text_takes_all_memory() {
    let world = World::of(json!({ "big": "x".repeat(100_000) }), json!({}));
    let scope = world.scope();
    let view = View::of(&scope);
    for (text, why) in [
        ("'a' | indent(9223372036854775807, true)", "the filter indent takes at most 100"),
        ("{'a': 1} | tojson(indent=9223372036854775807)", "the filter tojson takes at most 100"),
        ("'%9223372036854775807d' | format(1)", "the filter format takes widths of at most 999"),
        ("'%*d' | format(999999999999, 1)", "the filter format takes widths"),
        ("[1] | batch(9223372036854775807, 1) | list", "the filter batch takes at most 100000"),
        ("[1] | slice(2000000000)", "the filter slice takes at most 100000"),
        ("input.big | replace('x', input.big) | length", "replace makes at most 64000000 bytes"),
        ("([input.big] * 10000) | join | length", "join makes at most 64000000 bytes"),
        ("range(99999) | join(input.big) | length", "join makes at most 64000000 bytes"),
        ("([1] * 90000000) | list | length", "list takes at most 1000000 elements"),
        ("[1] * 90000000", "it comes to more than 64000000 bytes"),
        ("[[1] * 9000000] * 9000000", "it comes to more than 64000000 bytes"),
        ("['a'] | map('indent', 9223372036854775807, true) | list", "indent takes at most 100"),
    ] {
        let found = evaluate(text, &view).unwrap_err();
        assert!(found.contains(why), "{text}: {found}");
    }
    let pages = "{% for a in range(9999) %}{{ input.big }}{% endfor %}";
    assert!(render(pages, &view).unwrap_err().contains("more than 64000000 bytes"));
    for (text, value) in [
        ("[3, 1] | sort(reverse=true) | join(', ')", json!("3, 1")),
        ("'%05.1f' | format(2.25)", json!("002.2")),
        ("[1, 2, 3] | batch(2, 0) | list", json!([[1, 2], [3, 0]])),
        ("{'a': 1} | tojson(indent=1)", json!("{\n \"a\": 1\n}")),
        ("'a\nb' | indent(2, first=true)", json!("  a\n  b")),
        ("'aba' | replace('a', 'cc')", json!("ccbcc")),
        ("[{'k': 2}, {'k': 1}] | sort(attribute='k') | map(attribute='k') | list", json!([1, 2])),
    ] {
        assert_eq!(evaluate(text, &view), Ok(value), "{text}");
    }
}

#[test]
fn templates_are_strict_and_escape_nothing() {
    let world = World::of(json!({ "x": "<b> & \"q\"" }), json!({}));
    let scope = world.scope();
    let render = |text: &str| render(text, &View::of(&scope));
    // Names that end so would switch escaping on.
    for end in ["", ".html", ".json", ".xml"] {
        let text = format!("{{{{ input.x }}}}{end}");
        assert_eq!(render(&text).unwrap(), format!("<b> & \"q\"{end}"));
    }
    assert_eq!(render("a\n").unwrap(), render("{{ 'a' }}\n").unwrap());
    assert!(render("{{ input.nope }}").unwrap_err().contains("`input.nope` is undefined"));
    assert_eq!(render("{{ [1, 'a'] | tojson }}").unwrap(), "[1, \"a\"]");
}
