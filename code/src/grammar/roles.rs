//! The meanings that a node can have, the same for all languages.

use serde::{Deserialize, Serialize};

/// What a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SymbolKind {
    /// A module or namespace within the file.
    Module,
    /// A class.
    Class,
    /// A struct.
    Struct,
    /// An enumeration.
    Enum,
    /// A union.
    Union,
    /// A trait.
    Trait,
    /// An interface.
    Interface,
    /// A name for a type.
    Type,
    /// A function.
    Function,
    /// A function of a type.
    Method,
    /// A name that is bound once.
    Constant,
    /// A name that may be bound again.
    Variable,
    /// A macro.
    Macro,
}

impl SymbolKind {
    /// Whether it has a body that runs, and so a complexity.
    pub const fn is_function(self) -> bool {
        matches!(self, Self::Function | Self::Method)
    }

    /// Whether functions directly inside are its methods.
    pub const fn has_methods(self) -> bool {
        matches!(self, Self::Class | Self::Struct | Self::Trait | Self::Interface)
    }
}

/// What a node is in the structure of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Part {
    /// Nothing of its own.
    #[default]
    Plain,
    /// Declares a symbol, subject to a second look.
    Declares(SymbolKind),
    /// Declares nothing, but names what is inside: `impl Point`.
    Scope,
    /// Stands around a declaration and belongs to it: `export`, decorators.
    Wraps,
    /// A comment.
    Comment,
    /// Stands before a declaration and belongs to it: `#[derive(…)]`.
    Attribute,
    /// Brings in names from elsewhere.
    Imports,
}

/// What a node does to the ways through a function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Flow {
    /// Nothing.
    #[default]
    Straight,
    /// One more way.
    Decides,
    /// One more way, and what is inside is one level deeper.
    Branches,
    /// One level deeper only.
    Nests,
    /// One of its cases is the way that was there before, and they are one level deeper: an exhaustive match.
    Matches,
    /// One more way, unless it takes everything: Python's `case _`.
    Cases,
}
