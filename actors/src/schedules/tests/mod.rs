//! When something is started, and what becomes of it.

mod machine;
mod timing;
