//! How deep JSON is nested. Readers of JSON give up at 128 levels, so nothing may be kept that is deeper than they get.

use serde_json::Value;

/// A value from outside may be nested so deep: wrapped into a message, and that into an answer, it can still be read.
pub const DEEPEST: usize = 64;

/// Whether a value is nested deeper than it may be.
pub fn is_too_deep(value: &Value) -> bool {
    fn fits(value: &Value, levels: usize) -> bool {
        match value {
            Value::Array(items) => levels > 0 && items.iter().all(|item| fits(item, levels - 1)),
            Value::Object(members) => {
                levels > 0 && members.values().all(|member| fits(member, levels - 1))
            }
            _ => true,
        }
    }
    !fits(value, DEEPEST)
}

/// Whether a text, which is JSON, has more levels than that.
pub fn is_deeper_than(levels: usize, json: &[u8]) -> bool {
    let (mut depth, mut is_text, mut is_escaped) = (0_usize, false, false);
    json.iter().any(|byte| {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            b'[' | b'{' if !is_text => depth += 1,
            b']' | b'}' if !is_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > levels
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_and_its_text_are_as_deep_as_each_other() {
        let nested = |levels: usize| {
            (0..levels).fold(Value::from("[[\\\"{"), |value, level| match level % 2 {
                0 => Value::from(vec![value]),
                _ => serde_json::json!({ "a\"[": value, "b": [] }),
            })
        };
        for levels in [0, 1, DEEPEST, DEEPEST + 1, 2 * DEEPEST] {
            let value = nested(levels);
            assert_eq!(is_too_deep(&value), levels > DEEPEST, "{levels}");
            let text = value.to_string();
            assert!(!is_deeper_than(levels.max(2), text.as_bytes()), "{levels}");
            assert!(levels == 0 || is_deeper_than(levels - 1, text.as_bytes()), "{levels}");
        }
    }
}
