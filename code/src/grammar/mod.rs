//! What the nodes of each grammar mean: tables, one file per language, looked up by number while walking.

mod go;
mod javascript;
mod python;
mod roles;
mod rust;
mod table;
mod typescript;

pub use roles::SymbolKind;
pub(crate) use roles::{Flow, Part};
pub(crate) use table::Grammar;
