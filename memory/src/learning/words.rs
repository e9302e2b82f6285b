//! How alike two tasks are by their words, where there are no vectors.

use std::collections::BTreeSet;

/// The words of a text, in lower case; `createReactComponent` and `create_react_component` are three.
fn words(text: &str) -> BTreeSet<String> {
    let mut spaced = String::with_capacity(text.len() + 8);
    let mut was_lower = false;
    for letter in text.chars() {
        if letter.is_uppercase() && was_lower {
            spaced.push(' ');
        }
        was_lower = letter.is_lowercase();
        spaced.push(if letter.is_alphanumeric() { letter } else { ' ' });
    }
    spaced.to_lowercase().split_whitespace().map(str::to_owned).collect()
}

/// The share of words that two texts have in common (Dice's coefficient): 1 for the same words, 0 for none.
#[expect(clippy::cast_precision_loss, reason = "texts have few words")]
pub(super) fn likeness(one: &str, other: &str) -> f64 {
    let (one, other) = (words(one), words(other));
    let common = one.intersection(&other).count();
    let all = one.len() + other.len();
    if all == 0 { 0.0 } else { 2.0 * common as f64 / all as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_by_their_words() {
        assert!((likeness("create_react_component", "createReactComponent") - 1.0).abs() < 1e-12);
        assert!(
            (likeness("create a React component", "create a Vue component") - 0.75).abs() < 1e-12
        );
        assert!(likeness("fix types", "write docs").abs() < 1e-12);
        assert!(likeness("", "").abs() < 1e-12);
    }
}
