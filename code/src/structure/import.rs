//! One import.

use serde::{Deserialize, Serialize};

use crate::text::Span;

/// Something that a file takes from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// How.
    pub kind: ImportKind,
    /// From where, as it is written: `os.path`, `..models`, `./util`, `crate::text`.
    pub module: String,
    /// What, if that is named; `*` for everything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// Where it stands.
    pub span: Span,
}

/// How something is imported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportKind {
    /// A plain import.
    Import,
    /// Imported and exported at once.
    Reexport,
    /// By a call: `require(…)`, `import(…)`.
    Call,
    /// Declares that a file is a module of this one: Rust's `mod name;`.
    Module,
}
