//! `OpenAI`'s APIs, and those of all who speak like it: Perplexity, and any compatible endpoint (Ollama, llama.cpp,
//! vLLM …), by its address.
//!
//! ```text
//! {base_url}/chat/completions   Chat Completions: everybody        chat/
//! {base_url}/responses          Responses: OpenAI, and some others  responses/
//! {base_url}/embeddings         texts to vectors                    embeddings.rs
//! ```
//!
//! Both ways to ask are streamed, and come to one [`Grown`](grown::Grown), which says what is an answer and what is
//! none. Only text for the reader is read: reasoning is counted, never shown. There is no retry in here and no deadline
//! for a whole answer, only one for silence; both belong to the caller.

mod chat;
mod client;
mod config;
mod counts;
mod embeddings;
mod grown;
mod responses;
mod schema;

pub use client::OpenAi;
pub use config::{Api, OpenAiConfig, Provider};
pub use embeddings::{Embedder, EmbedderConfig, Vectors};
