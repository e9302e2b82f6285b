//! The file format of FAISS's `IndexFlatL2`, as `faiss.write_index` writes it (checked against faiss-cpu in `tests/it`).
//!
//! ```text
//! "IxF2"            4 bytes
//! dimension         i32
//! count             i64
//! two dummies       i64 each, 1 << 20
//! trained           u8, 1
//! metric            i32, 1 (L2); a metric above 1 has a f32 behind it
//! numbers           u64, count × dimension
//! rows              f32 each, all little-endian
//! ```

mod header;
mod reader;
mod writer;

pub(crate) use reader::Reader;
pub(crate) use writer::{begin, row};
