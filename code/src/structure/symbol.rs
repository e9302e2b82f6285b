//! One declaration.

use serde::{Deserialize, Serialize};

use super::SymbolKind;
use crate::text::Span;

/// Something that a file declares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symbol {
    /// What it is.
    pub kind: SymbolKind,
    /// Its own name.
    pub name: String,
    /// What it is declared in, from the outside in, joined as the language does; `None` at the top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// The declaration, from its first word to its end.
    pub span: Span,
    /// The same with all that belongs to it: its comment, attributes, decorators, `export`. What replaces or
    /// deletes a symbol replaces this.
    pub extent: Span,
    /// Its head on one line, without the body, at most 200 characters.
    pub signature: String,
    /// What its documentation says, without the marks of a comment, at most 1,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
}
