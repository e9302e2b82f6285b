//! Tests that need what only this crate can reach: a COMMIT that fails, a directory without hosts.

mod brink;
mod doubt;
#[path = "../../../tests/it/kit/mod.rs"]
#[expect(dead_code, reason = "these tests use but a part of it")]
#[expect(unused_imports, reason = "these tests use but a part of it")]
mod kit;
