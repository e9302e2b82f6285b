//! Answers are read by models: what is long is cut, and says so; what is much comes in pages.

use callboard_actors::tools::ToolError;
use serde_json::{Value, json};

/// The beginning of a text, at most so many characters, and whether more follows.
pub(super) fn cut(text: &str, most: usize) -> (&str, bool) {
    match text.char_indices().nth(most) {
        Some((end, _)) => (&text[..end], true),
        None => (text, false),
    }
}

/// The longest page, in bytes of JSON.
const PAGE_BYTES: usize = 60_000;

/// Some of a list's elements, from a place on: at most so many, and not more than a model should read at once. Says how
/// many there are and where to go on.
pub(super) fn page(all: Vec<Value>, from: usize, most: usize) -> Result<Value, ToolError> {
    let total = all.len();
    if from > total {
        return Err(ToolError::new(format!("there are {total}, so none from {from} on")));
    }
    let (mut items, mut bytes) = (Vec::new(), 0);
    for item in all.into_iter().skip(from).take(most) {
        bytes += item.to_string().len();
        if bytes > PAGE_BYTES && !items.is_empty() {
            break;
        }
        items.push(item);
    }
    let next = Some(from + items.len()).filter(|next| *next < total);
    Ok(json!({ "items": items, "total": total, "next": next }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(cut("äöü", 2), ("äö", true));
        assert_eq!(cut("äöü", 3), ("äöü", false));
    }

    #[test]
    fn pages_follow_one_another_to_the_end() {
        let all: Vec<Value> = (0..5).map(Value::from).collect();
        let first = page(all.clone(), 0, 3).unwrap();
        assert_eq!(first, json!({ "items": [0, 1, 2], "total": 5, "next": 3 }));
        let last = page(all.clone(), 3, 3).unwrap();
        assert_eq!(last, json!({ "items": [3, 4], "total": 5, "next": null }));
        assert!(page(all, 6, 1).is_err());
    }

    #[test]
    fn a_page_ends_where_it_becomes_too_long_but_has_one_element() {
        let long = Value::from("x".repeat(PAGE_BYTES));
        let page = page(vec![long.clone(), long], 0, 10).unwrap();
        assert_eq!((page["items"].as_array().unwrap().len(), &page["next"]), (1, &json!(1)));
    }
}
