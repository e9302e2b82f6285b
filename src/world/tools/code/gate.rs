//! The check in front of those who write files: a file of a known language is only written if it parses.
//!
//! What has no known language (data, templates, configuration) is let through, and so is what was asked for in spite of it;
//! the verdict says which, and stands in the result.

use super::subject::LIMITS;
use callboard_actors::tools::ToolError;
use callboard_code::{Language, SyntaxError, validate};
use serde_json::{Value, json};

/// Why a text may be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::world::tools) enum Verdict {
    /// It parses.
    Parses(Language),
    /// Its language is not known, so nobody has looked.
    Unknown,
    /// It does not parse, which was asked for.
    Allowed(Language, String),
    /// It could not be looked at: too long, or too deep.
    NotChecked(Language, String),
}

impl Verdict {
    /// As it stands in a result.
    pub(in crate::world::tools) fn shown(&self) -> Value {
        match self {
            Self::Parses(language) => json!({ "checked": language, "parses": true }),
            Self::Unknown => json!({ "checked": null, "why": "its language is not known" }),
            Self::Allowed(language, error) => {
                json!({ "checked": language, "parses": false, "error": error, "allowed": true })
            }
            Self::NotChecked(language, why) => {
                json!({ "checked": null, "language": language, "why": why })
            }
        }
    }
}

/// Refuses content that does not parse as what its path says it is, unless that is allowed. Blocks, for as long as
/// parsing takes.
///
/// # Errors
/// With the line and the column of the first error, and what to do.
pub(in crate::world::tools) fn refuse_broken(
    path: &str,
    content: &str,
    allow_invalid_syntax: bool,
) -> Result<Verdict, ToolError> {
    let Some(language) = Language::of(path) else { return Ok(Verdict::Unknown) };
    let found = match validate(language, content, &LIMITS) {
        Ok(found) => found,
        Err(fault) => return Ok(Verdict::NotChecked(language, fault.to_string())),
    };
    match found.errors.first() {
        None => Ok(Verdict::Parses(language)),
        Some(first) if allow_invalid_syntax => Ok(Verdict::Allowed(language, told(first))),
        Some(first) => {
            let more = match found.errors.len() + found.left_out - 1 {
                0 => String::new(),
                more => format!(" (and {more} more)"),
            };
            Err(ToolError::new(format!(
                "{path} was not written: it would not parse as {language}: {}{more}; mend that and write again, or say \
                 allow_invalid_syntax: true for a template or a fragment",
                told(first)
            )))
        }
    }
}

/// The same for content that takes the place of other content: what did not parse before need not parse afterwards, or nobody
/// could mend it bit by bit.
///
/// # Errors
/// The same.
pub(in crate::world::tools) fn refuse_worse(
    path: &str,
    before: &[u8],
    after: &[u8],
    allow_invalid_syntax: bool,
) -> Result<Verdict, ToolError> {
    let (Ok(before), Ok(after)) = (str::from_utf8(before), str::from_utf8(after)) else {
        return Ok(Verdict::Unknown);
    };
    match refuse_broken(path, after, allow_invalid_syntax) {
        Err(_) if refuse_broken(path, before, false).is_err() => refuse_broken(path, after, true),
        verdict => verdict,
    }
}

fn told(error: &SyntaxError) -> String {
    let at = error.span.start;
    format!("line {}, column {}: {}: `{}`", at.line, at.column, error.message, error.text.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_parse_is_refused_with_its_place_and_what_to_do() {
        let refused = refuse_broken("src/a.py", "def f():\n    return (1,\n", false);
        let error = refused.unwrap_err().error;
        assert!(
            error.starts_with("src/a.py was not written: it would not parse as python: line "),
            "{error}"
        );
        assert!(
            error.contains("column ") && error.contains("allow_invalid_syntax: true"),
            "{error}"
        );
    }

    #[test]
    fn what_parses_or_has_no_known_language_may_be_written() {
        assert_eq!(
            refuse_broken("a.rs", "fn f() {}\n", false),
            Ok(Verdict::Parses(Language::Rust))
        );
        assert_eq!(refuse_broken("a.toml", "][", false), Ok(Verdict::Unknown));
        assert_eq!(Verdict::Unknown.shown()["why"], "its language is not known");
    }

    #[test]
    fn what_is_broken_may_be_mended_bit_by_bit_and_what_is_whole_may_not_be_broken() {
        let worse = |before: &str, after: &str| {
            refuse_worse("a.py", before.as_bytes(), after.as_bytes(), false)
        };
        assert!(worse("x = 1\n", "x = (\n").is_err());
        assert!(matches!(worse("x = (\ny = [\n", "x = 1\ny = [\n"), Ok(Verdict::Allowed(..))));
        assert_eq!(worse("x = (\n", "x = 1\n"), Ok(Verdict::Parses(Language::Python)));
    }

    #[test]
    fn a_fragment_may_be_written_where_that_is_said() {
        let allowed = refuse_broken("a.js", "function {{ name }}( {", true).unwrap();
        assert!(matches!(&allowed, Verdict::Allowed(Language::JavaScript, _)), "{allowed:?}");
        assert_eq!(
            (&allowed.shown()["parses"], &allowed.shown()["allowed"]),
            (&json!(false), &json!(true))
        );
    }
}
