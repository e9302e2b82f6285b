//! Who imports whom, as far as paths tell it.
//!
//! What needs more than paths (package managers, `tsconfig` paths, `PYTHONPATH`, workspaces) counts as external or
//! unresolved, and is never guessed.

mod go;
mod house;
mod imports;
mod python;
mod rust;
mod script;

pub use imports::{Edge, ImportGraph};
