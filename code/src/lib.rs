//! What source code says of itself: languages, symbols, imports, sizes, complexity, syntax errors and issues.
//!
//! One text: [`parse`] tells its structure, [`validate`] where it does not parse, [`issues`] what a reviewer should
//! look at, and [`examine`] all three from one tree. A folder: [`analyze`]. Everything that comes out can be
//! serialised. No input panics and none takes longer than its [`Limits`] say: trees are walked by cursors, because
//! a text of a million opening brackets is a tree as deep.
//!
//! This crate knows nothing of Callboard: no actors, no journal, no HTTP. It never runs code, types nothing and
//! follows no value: what it says is what the grammar shows.

mod language;

mod limits;

mod text;

mod grammar;

mod syntax;

mod structure;

mod issues;

mod report;

mod codebase;

pub use codebase::{
    Cache, CacheKey, Codebase, CouldNotAnalyze, Edge, FunctionAt, ImportGraph, LanguageTotals,
    MemoryCache, NoCache, Options, OtherFiles, SkipReason, Skipped, SourceFile, analyze,
};
pub use issues::{Category, Issue, Issues, Rule, Severity, issues, rules};
pub use language::Language;
pub use limits::{Fault, Limits};
pub use report::{Report, examine};
pub use structure::{
    Complexity, FunctionMeasure, Import, ImportKind, LineCounts, Parsed, Symbol, SymbolKind, parse,
};
pub use syntax::{SyntaxError, SyntaxErrorKind, Validation, validate};
pub use text::{NotText, Position, Span, decode};
