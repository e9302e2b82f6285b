//! What a file is made of: symbols, imports, lines, and how many ways lead through it.

mod complexity;
mod declared;
mod doc;
mod import;
mod imports;
mod lead;
mod lines;
mod outline;
mod parsed;
mod symbol;

pub use crate::grammar::SymbolKind;
pub use complexity::{Complexity, FunctionMeasure};
pub use import::{Import, ImportKind};
pub use lines::LineCounts;
pub use parsed::{Parsed, parse};
pub use symbol::Symbol;

pub(crate) use parsed::structure;
