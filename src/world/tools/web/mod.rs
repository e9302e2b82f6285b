//! The tools that look outside: `fetch_documentation` and `perplexity_search`.
//!
//! A model says which address is fetched, and what it has read may have told it so. So only what everybody can reach is
//! fetched: never this machine, its network, or what a cloud tells its machines of themselves.
//!
//! ```text
//! url ──► Guard: http(s)? who is that? all addresses public? ──► fetch: connected to those very addresses
//!           ▲                                                        │
//!           └──────────────── a redirect, at most 5 ◄────────────────┤
//!                                                                    ▼
//!                                    page: which charset, which kind? ──► markdown
//! ```

mod fetch;
mod fetch_documentation;
mod guard;
mod html;
mod page;
mod perplexity_search;

pub(super) use fetch_documentation::{FetchDocumentation, tool as fetch_documentation};
pub(super) use guard::Guard;
pub use perplexity_search::{FindResearcher, Researched, Researcher, Source};
pub(super) use perplexity_search::{PerplexitySearch, tool as perplexity_search};
