//! Finds the name that was probably meant, and turns a parser's message into one about settings.

/// The candidate that is fewest edits away, if it is near enough to be a slip of the hand.
pub(super) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let limit = name.chars().count().div_ceil(3);
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

/// What a parser's message means for whoever wrote the setting.
pub(super) struct Explanation {
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

/// Explains a message of the TOML parser or of serde.
pub(super) fn explain(message: &str) -> Explanation {
    if let Some(rest) = message.strip_prefix("unknown field ") {
        return explain_unknown("unknown setting", rest);
    }
    if let Some(rest) = message.strip_prefix("unknown variant ") {
        return explain_unknown("unknown value", rest);
    }
    let hint = message
        .contains("socket address")
        .then(|| "write ADDRESS:PORT, such as 127.0.0.1:8000".to_owned());
    Explanation { message: in_plain_words(message), hint }
}

/// serde names the unknown first and what it expected after it, each in backticks.
fn explain_unknown(what: &str, rest: &str) -> Explanation {
    let mut names = rest.split('`').skip(1).step_by(2);
    let unknown = names.next().unwrap_or_default();
    let known: Vec<&str> = names.collect();
    let hint = match nearest(unknown, known.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("known here: {}", known.join(", ")),
    };
    Explanation { message: format!("{what} `{unknown}`"), hint: Some(hint) }
}

/// Says what was expected in words of the file instead of types of the program.
fn in_plain_words(message: &str) -> String {
    let Some((found, expected)) = message.split_once(", expected ") else {
        return message.replace('\n', ", ");
    };
    let expected = match expected {
        "a nonzero u32" | "a nonzero u64" | "a nonzero usize" => "a whole number above zero",
        "u32" | "u64" | "usize" => "a whole number, zero or more",
        "f64" => "a number",
        "path string" | "a string" => "a text in quotes",
        other if other.starts_with("struct ") => "a section with settings of its own",
        other => other,
    };
    format!("{found}, expected {expected}")
}
