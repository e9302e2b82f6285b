//! The crate from outside: what a caller may rely on, tried on real folders.
//!
//! What needs FAISS itself looks for a Python that has it in `CALLBOARD_TEST_FAISS_PYTHON`, or `python3`; where there is none,
//! it says "skipped: needs …".

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

mod crashes;
mod faiss;
mod faults;
mod filters;
mod learning;
mod old;
mod reembedding;
mod searching;
mod storing;
mod support;
