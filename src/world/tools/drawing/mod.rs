//! The tools that draw: a design (components and their connections) becomes a diagram's text, for Mermaid or Graphviz.
//!
//! A model says what there is, and the syntax is ours: names may have any characters in them, and what comes out
//! parses. Nothing is laid out or painted here: that is for whoever shows it.

mod design;
mod draw;
mod graphviz;
mod mermaid;

pub(super) use draw::{Draw, graphviz_tool, mermaid_tool};
