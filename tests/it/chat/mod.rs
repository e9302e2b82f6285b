//! `/ws/chat` and `callboard chat`, from outside: a thread is talked with, whatever happens to connections and servers.

mod broken;
mod coding;
mod kit;
mod talking;
mod tool;
