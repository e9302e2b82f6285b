//! The name of a model, as requests say it. Which there are, only its provider knows; what can be none is refused here.

use crate::wire::Problem;

/// How long a name may be, in characters.
const LONGEST: usize = 200;

/// Refuses what is no name: nothing, blanks around it, control characters, more than a provider would read.
pub(super) fn check(model: &str) -> Result<(), Problem> {
    let is_plain = model.trim() == model && !model.chars().any(char::is_control);
    if is_plain && (1..=LONGEST).contains(&model.chars().count()) {
        return Ok(());
    }
    Err(Problem::unprocessable(format!(
        "model: it has to be a name of 1 to {LONGEST} characters, without blanks around it or control characters"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_word_or_a_few() {
        for good in ["opus", "org/model:7b", "a model"] {
            assert!(check(good).is_ok(), "{good:?}");
        }
        for bad in ["", "\n", " opus", "opus\n", "a\0b", &"x".repeat(201)] {
            assert!(check(bad).is_err(), "{bad:?}");
        }
    }
}
