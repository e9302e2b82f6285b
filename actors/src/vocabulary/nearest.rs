//! [`nearest`]: the name that was probably meant, for messages about names that nobody knows. The settings have one of
//! their own: they know no core.

/// The candidate that is fewest edits away, if it is near enough to be a slip of the hand.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Of one letter anything would be a slip.
    let limit = match name.chars().count() {
        0 | 1 => 0,
        letters => letters.div_ceil(3),
    };
    let measured = candidates.into_iter().map(|candidate| (distance(name, candidate), candidate));
    measured.filter(|(edits, _)| *edits <= limit).min().map(|(_, candidate)| candidate)
}

/// The Levenshtein distance: insertions, deletions and replacements of characters.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, letter) in left.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], line + 1);
        for (column, other) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_hand_is_seen_and_a_guess_is_not_made() {
        assert_eq!(nearest("n", ["m"]), None);
        let known = ["judge", "writer", "end"];
        assert_eq!(nearest("jugde", known), Some("judge"));
        assert_eq!(nearest("wirter", known), Some("writer"));
        assert_eq!(nearest("reviewer", known), None);
        assert_eq!(nearest("x", []), None);
    }
}
