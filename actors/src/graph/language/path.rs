//! Expressions that are nothing but a path (`output`, `state.draft`): the most, and those that carry what is large. They
//! are followed in the JSON itself, with nothing converted to and fro.

use super::view::View;
use serde_json::Value as Json;

/// What a text leads to; `None` where it is no such path, or leads to nothing: the language itself says what is wrong.
pub(super) fn follow(text: &str, view: &View) -> Option<Json> {
    let text = text.trim();
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    if !text.chars().all(is_name) {
        return None;
    }
    let mut parts = text.split('.');
    let root = match parts.next()? {
        "input" => view.scope.input,
        "state" => match parts.next() {
            Some(channel) => view.scope.state.get(channel)?,
            None => return Some(Json::Object(view.scope.state.clone())),
        },
        "item" => view.scope.item?.1,
        "error" => view.scope.error?,
        "output" => view.output?,
        "message" => view.message?,
        _ => return None,
    };
    // Only members of objects: what else a part could be is for the language to say.
    parts.try_fold(root, |value, part| value.as_object()?.get(part)).cloned()
}
