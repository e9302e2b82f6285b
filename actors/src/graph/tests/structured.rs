//! What models answer, and what is taken from it.

use crate::graph::{check_value, structured};
use serde_json::{Value, json};

fn verdict() -> Value {
    json!({
        "type": "object",
        "required": ["score"],
        "properties": { "score": { "type": "number", "maximum": 1 }, "why": { "type": "string" } },
        "additionalProperties": false,
    })
}

#[test]
fn json_is_found_wherever_a_model_puts_it() {
    for text in [
        r#"{"score": 0.5}"#,
        "  \n{\"score\": 0.5}\n",
        "```json\n{\"score\": 0.5}\n```",
        "```\n{\"score\": 0.5}```",
        "Here you are, as asked [1]:\n\n```json\n{\"score\": 0.5}\n```\nAnything else?",
        "My verdict {draft} is: {\"score\": 0.5}. I hope it helps!",
        "```rust\nfn main() {}\n```\nand\n```json\n{\"score\": 0.5}\n```",
    ] {
        assert_eq!(structured(&verdict(), text), Ok(json!({ "score": 0.5 })), "{text}");
    }
    assert_eq!(structured(&json!({ "enum": ["yes", "no"] }), " yes\n"), Ok(json!("yes")));
    assert_eq!(structured(&json!({ "type": "array" }), "[1]"), Ok(json!([1])));
}

#[test]
fn a_model_is_told_all_that_is_wrong_by_json_pointer() {
    let error = structured(&verdict(), r#"{"score": "high", "why": 3, "more": 1}"#).unwrap_err();
    insta::assert_snapshot!(error);
    let error = structured(&verdict(), "I cannot do that").unwrap_err();
    assert_eq!(error, "the answer holds no JSON: send one JSON value, and nothing else");
}

#[test]
fn null_is_said_for_what_is_missing_where_all_has_to_be_named() {
    let text = r#"{"score": 0.5, "why": null}"#;
    assert_eq!(structured(&verdict(), text), Ok(json!({ "score": 0.5 })));
    let wanted =
        json!({ "type": "object", "properties": { "why": { "type": ["string", "null"] } } });
    assert_eq!(structured(&wanted, r#"{"why": null}"#), Ok(json!({ "why": null })));
    assert!(structured(&verdict(), r#"{"score": null}"#).is_err());
    let list = json!({ "type": "array", "items": verdict() });
    assert_eq!(
        structured(&list, &format!("{{\"items\": [{text}]}}")),
        Ok(json!([{ "score": 0.5 }]))
    );
}

#[test]
fn nothing_is_loaded_for_a_schema() {
    for place in ["file:///etc/passwd", "https://example.com/schema.json"] {
        let error = check_value(&json!({ "$ref": place }), &json!(1)).unwrap_err();
        assert!(error.contains("not loaded from elsewhere"), "{error}");
    }
    let inner = json!({ "$defs": { "n": { "type": "integer" } }, "$ref": "#/$defs/n" });
    assert_eq!(check_value(&inner, &json!(1)), Ok(()));
    assert_eq!(
        check_value(&inner, &json!("x")).unwrap_err(),
        "the value: want integer, but got string"
    );
}
