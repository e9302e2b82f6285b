//! What tests of the whole house share: a server in this process or in one of its own, and a client.

mod app;
mod calls;
mod client;
mod disk;
mod server;
mod socket;

pub(crate) use app::TestApp;
pub(crate) use calls::one_call;
pub(crate) use client::{Client, PATIENCE, is_problem, until};
pub(crate) use disk::SmallDisk;
pub(crate) use server::{Server, can_refuse_namespaces};
pub(crate) use socket::Socket;

/// The answers that tests play, by a word of the prompt.
const ANSWERS: &str = "
name: tests
answers:
  - match: { prompt_contains: for ever }
    answer: never
    delay_ms: 3600000
  - match: { prompt_contains: drip }
    answer: drop by drop the answer comes and comes and never hurries
    chunk_chars: 1
    chunk_delay_ms: 20
  - match: { prompt_contains: letters }
    answer: 'aäß€𝄞z'
    chunk_chars: 1
  - match: { prompt_contains: hopeless }
    error: { kind: rejected, message: the script says no }
  - match: { prompt_contains: later }
    error: { kind: overloaded, message: the script is busy, retry_after_ms: 600000 }
  - match: {}
    answer: an answer
";
