//! Tools of MCP servers: of one that nobody here wrote, over stdio and HTTP; and of one that lies.

mod everything;
mod kit;
mod liar;
mod orphans;
mod standing;
