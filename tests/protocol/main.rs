//! Our model clients against servers that other people wrote.
//!
//! Our own idea of a vendor's protocol cannot be tested against our own idea of it. These tests
//! run the clients against two independent mocks: [aimock](https://github.com/CopilotKit/aimock),
//! which plays the APIs from fixtures, and
//! [llmock](https://github.com/JulienRabault/LLMock), which breaks them on demand and judges how
//! the client took it. `tests/tools/install.sh` installs both; where one is missing, its tests
//! say so and pass.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stderr, reason = "a skipped test says so")]

mod advisers;
mod aimock;
mod caller;
mod judge;
mod llmock;
mod openai;
mod pages;
mod server;
mod team;
