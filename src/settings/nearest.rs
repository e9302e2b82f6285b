//! Turns a parser's message into one about settings, with the name that was probably meant.

pub(super) use callboard_actors::vocabulary::nearest;

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
