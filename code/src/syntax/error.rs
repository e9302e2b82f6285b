//! One place where a text does not parse.

use serde::{Deserialize, Serialize};

use crate::text::Span;

/// A syntax error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyntaxError {
    /// What is wrong.
    #[serde(flatten)]
    pub kind: SyntaxErrorKind,
    /// Where; empty where something is missing.
    pub span: Span,
    /// The text of the line on which it begins, at most 200 characters.
    pub text: String,
    /// All of it in words.
    pub message: String,
}

/// What is wrong with a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum SyntaxErrorKind {
    /// Something stands here that cannot.
    Unexpected {
        /// What stands here: the token, or the beginning of what could not be read.
        found: String,
        /// What could, where that is exactly known and not too much: tokens as they are written, others by
        /// their names in the grammar.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        expected: Vec<String>,
    },
    /// Something has to stand here and does not.
    Missing {
        /// What: a token, or a name in the grammar.
        what: String,
    },
}

impl SyntaxErrorKind {
    /// In words, lowercase.
    pub(super) fn message(&self) -> String {
        match self {
            Self::Missing { what } => format!("missing {what}"),
            Self::Unexpected { found, expected } if expected.is_empty() => {
                format!("unexpected {found}")
            }
            Self::Unexpected { found, expected } => {
                format!("unexpected {found}: expected {}", expected.join(" or "))
            }
        }
    }
}
